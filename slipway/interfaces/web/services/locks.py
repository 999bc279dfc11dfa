"""Locks: how they are shown, and setting and releasing them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.saying import said
from slipway.records.catalog.queries.services import get_service
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.operations.locks import (
    is_own,
    lock_service,
    right_to_release,
    unlock_service,
)

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.rollouts.wish.gates import LockFacts

LONGEST = 24 * 365  # hours


@dataclass(frozen=True, slots=True)
class LockView:
    """A lock as one person sees it. `until` is None where it holds until it is released."""

    service: str
    environment: str
    holder: str
    reason: str
    since: datetime
    until: datetime | None
    may_release: bool
    is_anothers: bool
    is_a_persons: bool


def lock_view(lock: "LockFacts", actor: "Actor") -> LockView:
    """Return what `actor` sees of a lock, and whether they may release or break it."""
    right = right_to_release(lock.person, actor)
    return LockView(
        lock.service,
        lock.environment,
        lock.person or _("rollout #%(id)s") % {"id": lock.rollout},
        said(lock.cause or lock.reason),
        lock.since,
        lock.until,
        actor.may(right, service=lock.service, environment=lock.environment),
        not is_own(lock.person, actor),
        bool(lock.person),
    )


@require_POST
@pages.answered
def lock(request: HttpRequest, name: str) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    environment = visible_environment(request.POST.get("environment", ""), actor)
    length = pages.number_of(request.POST.get("hours", ""))
    return pages.attempt(
        request,
        lambda: lock_service(
            service=service,
            environment=environment,
            reason=request.POST.get("reason", ""),
            until=now + timedelta(hours=min(length, LONGEST)) if length else None,
            by=actor,
            now=now,
        ),
        back=f"/services/{service.name}#{environment.name}",
    )


@require_POST
@pages.answered
def unlock(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    service = get_service(name, actor)
    environment = visible_environment(request.POST.get("environment", ""), actor)
    return pages.attempt(
        request,
        lambda: unlock_service(
            service=service,
            environment=environment,
            by=actor,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        ),
        back=pages.own_address(
            request,
            request.POST.get("next", ""),
            f"/services/{service.name}#{environment.name}",
        ),
    )
