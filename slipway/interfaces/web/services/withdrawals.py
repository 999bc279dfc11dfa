"""Versions that are no way back: how they are marked, and withdrawing and clearing them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.services.way.instances import may_deploy
from slipway.records.catalog.queries.services import get_service, get_version
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.operations.withdrawals import clear_withdrawal, withdraw_version
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    """Where a version is withdrawn, as one person sees it; `rollout` 0: by a person."""

    environment: str
    rollout: int
    by: str
    reason: str
    since: datetime
    may_clear: bool


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """`open_to`: environments in which the person may withdraw it."""

    held: tuple[WithdrawalView, ...]
    open_to: tuple[str, ...]

    @property
    def environments(self) -> frozenset[str]:
        return frozenset(view.environment for view in self.held)


def withdrawals_of(
    service: str, version: str, environments: Iterable[str], actor: "Actor"
) -> Withdrawals:
    """Return where the version is withdrawn, and where `actor` may withdraw it."""
    allowed = [each for each in environments if may_deploy(actor, service, each)]
    held = tuple(
        WithdrawalView(
            row.environment,
            row.rollout or 0,
            row.by,
            row.reason,
            row.since,
            row.environment in allowed,
        )
        for row in list_withdrawals(service, actor)
        if row.version == version
    )
    names = {view.environment for view in held}
    return Withdrawals(held, tuple(name for name in allowed if name not in names))


@require_POST
@pages.answered
def withdraw(request: HttpRequest, name: str, version_name: str) -> HttpResponse:
    return _change(request, name, version_name, withdraw_version)


@require_POST
@pages.answered
def clear(request: HttpRequest, name: str, version_name: str) -> HttpResponse:
    return _change(request, name, version_name, clear_withdrawal)


def _change(
    request: HttpRequest, name: str, version_name: str, operation: Callable[..., object]
) -> HttpResponse:
    actor = asker(request)
    version = get_version(get_service(name, actor), version_name)
    environment = visible_environment(request.POST.get("environment", ""), actor)
    return pages.attempt(
        request,
        lambda: operation(
            version=version,
            environment=environment,
            reason=request.POST.get("reason", ""),
            by=actor,
            now=timezone.now(),
        ),
        back=f"/services/{version.service.name}/versions/{version.name}",
    )
