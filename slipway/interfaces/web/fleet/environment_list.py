"""Environments: which there are, in their order, and how it is released there."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.shown.windows import window_view
from slipway.records.fleet.operations.windows import windows_of
from slipway.records.fleet.queries import count_hosts, list_environments


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
    hosts, now = count_hosts(actor), timezone.now()
    rows = [
        EnvironmentRow(
            each.name,
            each.order,
            each.is_guarded,
            any(window_view(window, now).is_now for window in windows_of(each)),
            each.batches,
            each.promotion_needed,
            each.automatic_rollback,
            hosts.get(each.pk, 0),
        )
        for each in list_environments(actor)
    ]
    count = len(rows)
    return pages.show(
        request,
        "web/environments.html",
        section="hosts",
        rows=rows,
        total=ngettext("%(n)s environment", "%(n)s environments", count) % {"n": count},
        may_add=actor.may(Action.MANAGE_ENVIRONMENT),
    )
