"""What needs me: open things only, worst first, each with what is done about it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.locks import lock_view
from slipway.interfaces.web.shown.building import row_of_build
from slipway.interfaces.web.start.first_steps import first_steps_of
from slipway.interfaces.web.start.needs import broken_builds, drifted_places, failures, lost_hosts
from slipway.interfaces.web.start.starred import starred_services
from slipway.interfaces.web.start.today import today_of
from slipway.records.builds.queries.lists import list_builds_under_way
from slipway.records.rollouts.ask.overview import count_fleet, count_services
from slipway.records.rollouts.ask.queries import list_locks


@dataclass(frozen=True, slots=True)
class Number:
    count: int
    label: str
    url: str


@require_GET
@pages.answered
def show_home(request: HttpRequest) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    is_all = bool(request.GET.get("all"))
    cards = history.cards_of(actor, now)
    waiting = [card for card in cards if card.is_waiting]
    running = [card for card in cards if not card.is_waiting]
    running.sort(key=lambda card: card.by != actor.name)  # the reader's own first
    held = list_locks(actor)
    failed = failures(actor, now, held, is_all=is_all)
    told = {each.row.id for each in failed.rows}
    drifted = drifted_places(actor, now, is_all=is_all)
    lost = lost_hosts(actor, is_all=is_all)
    broken = broken_builds(actor, now, is_all=is_all)
    locks = [lock_view(lock, actor) for lock in held if lock.rollout not in told]
    services = count_services(actor)
    hosts, instances = count_fleet(actor)
    starred, more_starred = starred_services(actor, now)
    today = today_of(actor, now) if instances else None
    building = [row_of_build(build, now) for build in list_builds_under_way(actor)]
    troubles = len(waiting) + failed.total + drifted.total + lost.total + broken.total
    return pages.show(
        request,
        "web/home.html",
        section="home",
        calm=bool(instances) and not troubles,
        first=first_steps_of(actor),
        first_leads=not instances or not troubles,
        troubles=troubles,
        sentence=_sentence(troubles, len(running), instances) if actor.rights else _no_role(),
        beside=_beside(len(running)) if troubles and running else "",
        numbers=_numbers(services, hosts, instances),
        waiting=waiting,
        running=running,
        building=building,
        locks=locks,
        today=today,
        starred=starred,
        more_starred=more_starred,
        has_aside=bool((locks or today or starred) and (troubles or running or building)),
        may_deploy=history.may_deploy_anything(actor),
        failures=failed,
        drifted=drifted,
        hosts=lost,
        broken=broken,
    )


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


def _beside(running: int) -> str:
    return ngettext("%(n)s rollout is under way.", "%(n)s rollouts are under way.", running) % {
        "n": running
    }


def _no_role() -> str:
    return _("You have no role yet. Ask an admin for one.")


def _numbers(services: int, hosts: int, instances: int) -> list[Number]:
    return [
        Number(services, ngettext("service", "services", services), "/services"),
        Number(instances, ngettext("instance", "instances", instances), "/services"),
        Number(hosts, ngettext("host", "hosts", hosts), "/hosts"),
    ]
