"""What was looked at before anything moves, as the page of a plan shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from slipway.core.rollout.plans.outlook import Obstacle, Outlook
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame.explained import REFUSALS
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, OK, WAIT, WARN
from slipway.interfaces.web.shown.hint_links import remedy_of

_CLOSED = ("freeze_window", "approval_needed")
_AT_LENGTH = "deadlines"  # is so with every plan
_UNHEARD = ("host_unreachable", "host_key_unknown")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was looked at before anything moves. `command` helps, and so does what `link` leads
    to; `more` leads to what explains it."""

    mark: str
    icon: str
    message: str
    hint: str = ""
    command: str = ""
    link: str = ""
    link_text: str = ""
    more: str = ""
    is_note: bool = False

    @property
    def is_known(self) -> bool:
        """Whether nobody has to do anything about it: a title, and what was found."""
        return self.mark in (OK, WAIT) and not self.is_note


def checks_of(plan: Outlook, reader: Reader) -> Iterator[CheckLine]:
    """Yield what is in the way first, then what to know, then what is well."""
    for obstacle in sorted(plan.obstacles, key=lambda each: not each.blocking):
        yield _in_the_way(obstacle, reader)
    for note in plan.notes:
        if note.code != _AT_LENGTH:
            yield CheckLine(WAIT, "info", said(note), is_note=True)
    yield from _well(plan)
    for note in plan.notes:
        if note.code == _AT_LENGTH:
            yield CheckLine(WAIT, "info", _("How long each is given"), said(note))
    for check in plan.checks:
        yield CheckLine(WAIT, "info", _("How each is checked"), said(check))


def _in_the_way(obstacle: Obstacle, reader: Reader) -> CheckLine:
    remedy = remedy_of(obstacle.sentence, reader)
    return CheckLine(
        FAIL if obstacle.blocking else WARN,
        "cross" if obstacle.blocking else "alert",
        said(obstacle.sentence),
        remedy.hint,
        obstacle.command,
        remedy.link,
        remedy.link_text,
        REFUSALS.get(obstacle.code, ""),
    )


def _well(plan: Outlook) -> Iterator[CheckLine]:
    for sign in plan.good_signs:
        yield CheckLine(OK, "check", _title(sign), said(sign))
    codes = {obstacle.code for obstacle in plan.obstacles}
    names = {"service": plan.service, "environment": plan.environment}
    if not codes & {"locked", "active_rollout"}:
        free = _("No lock keeps you from it, and no other rollout is under way.")
        yield CheckLine(OK, "check", _("%(service)s is free in %(environment)s") % names, free)
    if not codes & set(_CLOSED):
        open_now = _("No freeze window and no missing approval keeps it.")
        yield CheckLine(OK, "check", _("%(environment)s is open") % names, open_now)
    if plan.targets and not codes & set(_UNHEARD):
        heard = _("None of them was out of reach when it was last looked at.")
        yield CheckLine(OK, "check", _("The hosts can be reached"), heard)
    moving = [each for each in plan.targets if each.from_version and each.to_version]
    if moving and all(each.back_version for each in moving):
        versions = ", ".join(sorted({each.back_version for each in moving})[:3])
        back = _("When it goes wrong, each goes back to what was well there: %(versions)s.")
        yield CheckLine(OK, "check", _("The way back is there"), back % {"versions": versions})


def _title(sign: Sentence) -> str:
    if sign.code == "room":
        return _("Room on the hosts")
    return _("It ran in %(environment)s") % dict(sign.shown.values)
