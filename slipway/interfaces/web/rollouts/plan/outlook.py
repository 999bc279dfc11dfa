"""A plan as its page shows it: figures, the batches as a line, checks, and what changes."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.rollout.plans.outlook import Outlook, PlannedTarget
from slipway.core.rollout.plans.spec_changes import SpecChanges
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.words.kinds import FORTH
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.rollouts.plan.checks import CheckLine, checks_of
from slipway.interfaces.web.rollouts.plan.settings import SettingsView, settings_of
from slipway.interfaces.web.templatetags.marks import duration


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """A batch on the line; `took` is how long it works and `begins` and `ends` are when, if it is
    started now and no person is waited for; None where nobody knows, or it ends in the minute in
    which it begins. `then` says what is between it and the next one."""

    number: int
    text: str
    note: str
    targets: tuple[PlannedTarget, ...]
    is_canary: bool = False
    took: timedelta | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    then: str = ""
    waits: bool = False  # for a person


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
    clock_text: str
    stop_text: str
    is_guarded: bool
    start_label: str

    @property
    def hash(self) -> str:
        return self.outlook.hash

    @property
    def is_blocked(self) -> bool:
        return self.outlook.is_blocked


def view_of(plan: Outlook, reader: Reader, now: datetime, *, is_guarded: bool) -> PlanView:
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
        checks=tuple(checks_of(plan, reader)),
        moves=_moves(plan),
        changes=plan.spec_changes,
        settings=settings_of(plan),
        batches=_legs(plan, now),
        clock_text=_clock(plan),
        stop_text=_stop(plan),
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


# --- what changes, and in which order ------------------------------------------------------------


def _moves(plan: Outlook) -> tuple[PlannedMove, ...]:
    pairs = Counter((target.from_version, target.to_version) for target in plan.targets)
    return tuple(
        PlannedMove(before, after, ngettext("%(n)s place", "%(n)s places", count) % {"n": count})
        for (before, after), count in pairs.most_common()
    )


def _legs(plan: Outlook, now: datetime) -> tuple[PlannedLeg, ...]:
    sizes = Counter(target.batch for target in plan.targets)
    times = dict(zip(sorted(sizes), plan.batch_times, strict=False))
    begins = {each: now + at for each, at in zip(times, plan.batch_begins, strict=False)}
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
            took=times.get(number),
            begins=begins.get(number),
            ends=_minute_after(begins.get(number), times.get(number)),
            then="" if is_last else _then(plan),
            waits=plan.plan.policy.needs_promotion and not is_last,
        )
        found.append(leg)
    return tuple(found)


def _minute_after(begins: datetime | None, took: timedelta | None) -> datetime | None:
    """Return when it ends; None in the same minute, or where nobody knows."""
    if begins is None or took is None:
        return None
    ends = begins + took
    return ends if ends.replace(second=0, microsecond=0) > begins else None


def _clock(plan: Outlook) -> str:
    """Say what the times of the batches rest on, where they have any."""
    if not plan.batch_times:
        return ""
    if plan.plan.policy.needs_promotion and len(plan.batches) > 1:
        return _("The times are as if it were started now, and nobody waited for.")
    return _("The times are as if it were started now.")


def _stop(plan: Outlook) -> str:
    """Say what makes it stop by itself, and what happens then; a way back has rules of its own."""
    policy = plan.plan.policy
    if plan.kind not in FORTH or policy.is_way_back or not plan.targets:
        return ""
    after = (
        _("what it changed goes back by itself, each place to its own earlier version")
        if policy.goes_back
        else _("nothing goes back by itself")
    )
    count = policy.failures + 1
    stops = ngettext(
        "%(n)s failure of the version stops it", "%(n)s failures of the version stop it", count
    ) % {"n": count}
    canary = policy.canary_failures + 1
    if len(plan.batches) > 1 and canary < count:
        early = ngettext("in the canary %(n)s does", "in the canary %(n)s do", canary)
        stops = f"{stops}, {early % {'n': canary}}"
    return _("%(stops)s: then %(after)s.") % {"stops": stops, "after": after}


def _then(plan: Outlook) -> str:
    bake = plan.plan.policy.bake
    return _("watched for %(time)s") % {"time": duration(bake)} if bake else ""


def _only(versions: set[str]) -> str:
    if len(versions) == 1:
        return next(iter(versions))
    return _("several") if versions else ""
