"""Environments: which there are, in their order, and how it is released there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.environments import window_view
from slipway.interfaces.web.frame import pages
from slipway.records.fleet.operations.windows import windows_of
from slipway.records.fleet.queries import count_hosts, list_environments

if TYPE_CHECKING:
    from slipway.records.fleet.models import Environment


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    name: str
    order: int
    is_guarded: bool
    is_frozen: bool
    batches: str
    promotion_needed: bool
    automatic_rollback: bool
    hosts: int


@require_GET
@pages.answered
def show_environments(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    hosts = count_hosts(actor)
    rows = [_row(each, hosts.get(each.pk, 0)) for each in list_environments(actor)]
    count = len(rows)
    return pages.show(
        request,
        "web/environments.html",
        section="hosts",
        rows=rows,
        total=ngettext("%(n)s environment", "%(n)s environments", count) % {"n": count},
        may_add=actor.may(Action.MANAGE_ENVIRONMENT),
    )


def _row(environment: "Environment", hosts: int) -> EnvironmentRow:
    now = timezone.now()
    return EnvironmentRow(
        environment.name,
        environment.order,
        environment.is_guarded,
        any(window_view(each, now).is_now for each in windows_of(environment)),
        environment.batches,
        environment.promotion_needed,
        environment.automatic_rollback,
        hosts,
    )
