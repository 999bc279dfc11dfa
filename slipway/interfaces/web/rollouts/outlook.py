"""A plan as its page shows it: figures, the batches as a line, checks, and what changes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.rollout.plans.outlook import Obstacle, Outlook, PlannedTarget
from slipway.core.rollout.plans.spec_changes import SpecChanges
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.interfaces.web.frame.explained import REFUSALS
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, OK, WAIT, WARN, word
from slipway.interfaces.web.rollouts.plan_settings import SettingsView, settings_of
from slipway.interfaces.web.shown.hint_links import remedy_of
from slipway.interfaces.web.templatetags.marks import duration

_CLOSED = ("freeze_window", "approval_needed")
_UNHEARD = ("host_unreachable", "host_key_unknown")


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """A batch on the line; `then` says what is between it and the next one."""

    number: int
    text: str
    note: str
    targets: tuple[PlannedTarget, ...]
    is_canary: bool = False
    then: str = ""
    waits: bool = False  # for a person


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


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """Places that go from one version to another."""

    from_version: str
    to_version: str
    places: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """`usual` is how long earlier ones took, None where there are none."""

    service: str
    environment: str
    from_version: str
    to_version: str
    hosts_text: str
    batches_text: str
    outlook: Outlook
    sent_text: str
    usual: TimeLeft | None
    open_text: str
    warned_text: str
    checks: tuple[CheckLine, ...]
    moves: tuple[PlannedMove, ...]
    changes: tuple[SpecChanges, ...]
    settings: tuple[SettingsView, ...]
    batches: tuple[PlannedLeg, ...]
    is_guarded: bool
    start_label: str

    @property
    def hash(self) -> str:
        return self.outlook.hash

    @property
    def is_blocked(self) -> bool:
        return self.outlook.is_blocked


def view_of(plan: Outlook, reader: Reader, *, is_guarded: bool) -> PlanView:
    count = len(plan.targets)
    before = {target.from_version for target in plan.targets} - {""}
    after = plan.version or _only({target.to_version for target in plan.targets} - {""})
    label = ngettext("%(kind)s on %(n)s host", "%(kind)s on %(n)s hosts", count)
    return PlanView(
        service=plan.service,
        environment=plan.environment,
        from_version=_only(before) if _only(before) != after else "",
        to_version=after,
        hosts_text=_hosts(plan),
        batches_text=_in_batches(plan),
        outlook=plan,
        sent_text=_sent(plan),
        usual=plan.usual,
        open_text=_open(plan),
        warned_text=_warned(plan),
        checks=tuple(_checks(plan, reader)),
        moves=_moves(plan),
        changes=plan.spec_changes,
        settings=settings_of(plan),
        batches=_legs(plan),
        is_guarded=is_guarded,
        start_label=label % {"kind": word(plan.kind), "n": count} if count else word(plan.kind),
    )


# --- figures -------------------------------------------------------------------------------------


def _hosts(plan: Outlook) -> str:
    count, lost = len(plan.targets), sum(target.unreachable for target in plan.targets)
    if not count:
        return _("No host")
    hosts = ngettext("%(n)s host", "%(n)s hosts", count) % {"n": count}
    if not lost:
        return hosts
    cannot = ngettext("%(n)s cannot be reached", "%(n)s cannot be reached", lost) % {"n": lost}
    return f"{hosts} · {cannot}"


def _in_batches(plan: Outlook) -> str:
    count = len(plan.batches)
    if not count:
        return _("nobody takes part")
    text = ngettext("in %(n)s batch", "in %(n)s batches", count) % {"n": count}
    return f"{text} · {_('canary first')}" if count > 1 else text


def _sent(plan: Outlook) -> str:
    """Say to how many hosts a package is sent, and how many have it."""
    if not plan.targets:
        return _("there is no host to send to")
    bringing = [target for target in plan.targets if target.from_version != target.to_version]
    if not plan.bytes_to_move:
        brings = any(target.to_version for target in bringing)
        return _("the hosts have it already") if brings else _("nothing is brought")
    to, have = plan.hosts_to_send_to, sum(not target.bytes_to_move for target in bringing)
    text = ngettext("to %(n)s host", "to %(n)s hosts", to) % {"n": to}
    if not have:
        return text
    there = ngettext("%(n)s has it already", "%(n)s have it already", have) % {"n": have}
    return f"{text} · {there}"


def _open(plan: Outlook) -> str:
    count = sum(obstacle.blocking for obstacle in plan.obstacles)
    return ngettext("%(n)s obstacle", "%(n)s obstacles", count) % {"n": count} if count else ""


def _warned(plan: Outlook) -> str:
    count = sum(not obstacle.blocking for obstacle in plan.obstacles)
    return ngettext("%(n)s warning", "%(n)s warnings", count) % {"n": count} if count else ""


# --- checks --------------------------------------------------------------------------------------


def _checks(plan: Outlook, reader: Reader) -> Iterator[CheckLine]:
    """Yield what is in the way first, then what to know, then what is well."""
    for obstacle in sorted(plan.obstacles, key=lambda each: not each.blocking):
        yield _in_the_way(obstacle, reader)
    for note in plan.notes:
        yield CheckLine(WAIT, "info", said(note), is_note=True)
    yield from _well(plan)
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


# --- what changes, and in which order ------------------------------------------------------------


def _moves(plan: Outlook) -> tuple[PlannedMove, ...]:
    pairs = Counter((target.from_version, target.to_version) for target in plan.targets)
    return tuple(
        PlannedMove(before, after, ngettext("%(n)s place", "%(n)s places", count) % {"n": count})
        for (before, after), count in pairs.most_common()
    )


def _legs(plan: Outlook) -> tuple[PlannedLeg, ...]:
    sizes = Counter(target.batch for target in plan.targets)
    last, found = max(sizes, default=0), []
    for number, size in sorted(sizes.items()):
        text = ngettext("%(n)s host", "%(n)s hosts", size) % {"n": size}
        note = _("%(n)s at a time") % {"n": min(plan.max_unavailable, size)}
        is_last = number == last
        leg = PlannedLeg(
            number,
            text,
            note if size > 1 else "",
            tuple(target for target in plan.targets if target.batch == number),
            is_canary=number == 1 and len(sizes) > 1,
            then="" if is_last else _then(plan),
            waits=plan.plan.policy.needs_promotion and not is_last,
        )
        found.append(leg)
    return tuple(found)


def _then(plan: Outlook) -> str:
    bake = plan.plan.policy.bake
    return _("watched for %(time)s") % {"time": duration(bake)} if bake else ""


def _only(versions: set[str]) -> str:
    if len(versions) == 1:
        return next(iter(versions))
    return _("several") if versions else ""
