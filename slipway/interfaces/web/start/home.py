"""What needs me: what runs, what went wrong, what is locked, what is not as wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.hosts import host_view
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.words import WARN
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.locks import LockView, lock_view
from slipway.interfaces.web.services.service import instance_view
from slipway.interfaces.web.shown.building import row_of_build
from slipway.interfaces.web.start.first_steps import first_steps_of
from slipway.records.catalog.queries.build_lists import (
    list_builds_gone_wrong,
    list_builds_under_way,
)
from slipway.records.rollouts.ask.overview import (
    Show,
    count_fleet,
    count_services,
    list_active,
    list_gone_wrong,
    list_not_as_wanted,
    list_unreachable,
)
from slipway.records.rollouts.ask.queries import list_locks
from slipway.records.rows.pages import Page, Row, whole

_RECENT = timedelta(hours=24)
_AT_FIRST = 20  # rows of each list


@dataclass(frozen=True, slots=True)
class Number:
    count: int
    label: str
    url: str


@require_GET
@pages.answered
def show_home(request: HttpRequest) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    running = history.cards_of(list_active(actor), now)
    part = whole if request.GET.get("all") else _beginning
    failures = part(lambda n, at: list_gone_wrong(actor, now - _RECENT, n, at))
    locks: list[LockView] = [lock_view(lock, actor) for lock in list_locks(actor)]
    odd = part(lambda n, at: list_not_as_wanted(actor, n, at))
    lost = part(lambda n, at: list_unreachable(actor, n, at))
    services = count_services(actor, now)[Show.ALL]
    hosts, instances = count_fleet(actor)
    waiting = sum(card.says is not None and card.says.mark == WARN for card in running)
    building = [row_of_build(build, now) for build in list_builds_under_way(actor)]
    broken = part(lambda n, at: list_builds_gone_wrong(actor, now - _RECENT, n, at))
    troubles = waiting + _total(failures) + _total(broken) + _total(odd) + _total(lost)
    return pages.show(
        request,
        "web/home.html",
        section="home",
        calm=bool(instances) and not troubles,
        first=first_steps_of(actor),
        sentence=_sentence(troubles, len(running), instances) if actor.rights else _no_role(),
        numbers=_numbers(services, hosts, instances),
        running=running,
        building=building,
        broken=[row_of_build(build, now) for build in broken],
        broken_more=_total(broken) - len(broken),
        failures=history.rows_of(failures),
        failures_more=_total(failures) - len(failures),
        locks=locks,
        drifted=[instance_view(instance, now, actor) for instance in odd],
        drifted_more=_total(odd) - len(odd),
        hosts=[host_view(host, actor) for host in lost],
        hosts_more=_total(lost) - len(lost),
        may_deploy=history.may_deploy_anything(actor),
    )


def _beginning(part: Callable[[int, int], Page[Row]]) -> list[Row]:
    """Return the first of a list: the page says how many more there are, and `?all=1` has them."""
    return part(_AT_FIRST, 0)


def _total(rows: list[Row]) -> int:
    return rows.total if isinstance(rows, Page) else len(rows)


def _sentence(troubles: int, running: int, instances: int) -> str:
    if troubles:
        return ngettext("%(n)s thing needs a look.", "%(n)s things need a look.", troubles) % {
            "n": troubles
        }
    if running:
        return ngettext(
            "%(n)s rollout is under way, and all is well so far.",
            "%(n)s rollouts are under way, and all is well so far.",
            running,
        ) % {"n": running}
    if instances:
        return _("All is calm: every instance runs what it should.")
    return _("Welcome. Nothing runs yet.")


def _no_role() -> str:
    return _("You have no role yet. Ask an admin for one.")


def _numbers(services: int, hosts: int, instances: int) -> list[Number]:
    return [
        Number(services, ngettext("service", "services", services), "/services"),
        Number(instances, ngettext("instance", "instances", instances), "/services"),
        Number(hosts, ngettext("host", "hosts", hosts), "/hosts"),
    ]
