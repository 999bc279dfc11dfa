"""What can be done with the one thing that was found, for whoever may: links, forms that ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.interfaces.web.shown.buttons import buttons_of
from slipway.records.fleet.queries import get_host
from slipway.records.rollouts.ask.queries import get_rollout, list_rollouts
from slipway.records.rollouts.needs.whole_boards import standing_of

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@dataclass(frozen=True, slots=True)
class Deed:
    """`is_sent`: by a form, after the `question` where there is one, with the name that is to be
    typed for a yes; else it is a link."""

    label: str
    url: str
    icon: str
    is_sent: bool = False
    question: str = ""
    consequence: str = ""
    confirm: str = ""


def deeds_of_service(name: str, actor: "Actor") -> Iterator[Deed]:
    if actor.may_somewhere(Action.DEPLOY, service=name):
        wishes = (
            (RolloutKind.UPGRADE, _("Release %(name)s…"), "rollouts"),
            (RolloutKind.REVERT, _("Roll back %(name)s…"), "back"),
            (RolloutKind.RESTART, _("Restart %(name)s…"), "retry"),
        )
        for kind, label, icon in wishes:
            asked = urlencode({"service": name, "kind": kind.value})
            yield Deed(label % {"name": name}, f"/rollouts/new?{asked}", icon)
    for rollout in list_rollouts(actor, service=name, limit=1):
        log = _("Log of its last rollout, #%(number)s") % {"number": rollout.pk}
        yield Deed(log, f"/rollouts/{rollout.pk}", "rollouts")


def deeds_of_rollout(number: int, actor: "Actor") -> Iterator[Deed]:
    """What its board offers, too; what is blocked now is told there."""
    rollout = get_rollout(number, actor)
    board = f"/rollouts/{number}"
    for button in buttons_of(standing_of(rollout), actor):
        if not button.blocked:
            yield Deed(
                f"{button.label} · #{number}",
                f"{board}/{button.name}",
                button.icon,
                is_sent=True,
                question=button.question or _("%(what)s?") % {"what": button.label},
                consequence=button.consequence,
                confirm=button.confirm,
            )
    yield Deed(_("Timeline of #%(number)s") % {"number": number}, f"{board}?tab=timeline", "clock")


def deeds_of_host(name: str, actor: "Actor") -> Iterator[Deed]:
    host = get_host(name, actor)
    where = host.environment.name
    if host.host_key and actor.may(Action.DEPLOY, environment=where):
        check = _("Check %(host)s") % {"host": name}
        yield Deed(check, f"/hosts/{name}/check", "search", is_sent=True)
    if actor.may(Action.MANAGE_HOST, environment=where):
        change = _("Change %(host)s") % {"host": name}
        yield Deed(change, f"/hosts/{name}/change", "tool")
