"""The one sentence at the top of a board: how it stands, why, and what to do next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.interfaces.web.frame import saying
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN
from slipway.records.rollouts.ask.queries import question_of
from slipway.records.rollouts.needs.waiting import gate_of, waits_for_promotion

if TYPE_CHECKING:
    from slipway.records.rollouts.ask.driving import Driving
    from slipway.records.rollouts.models import Rollout, Target


@dataclass(frozen=True, slots=True)
class Headline:
    mark: str
    icon: str
    now: str
    why: str = ""
    next: str = ""
    link: str = ""
    link_text: str = ""
    at: datetime | None = None  # said at the end of what is next


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rollout has come. `batch` is the one under way, `batches` the number of all;
    `gate` is the batch that is over while the next has not begun, 0 where there is none; `since`
    the number of the newest later rollout that touched the same, 0 for none; `is_past` when later
    ones have touched all that it had."""

    rollout: "Rollout"
    states: Counter[str]
    batch: int
    batches: int
    in_batch: Counter[str]
    gate: int
    baked_at: datetime | None
    is_touched: bool
    rollback: int
    since: int
    is_past: bool
    driving: "Driving | None" = None

    @classmethod
    def of(
        cls,
        rollout: "Rollout",
        targets: "Sequence[Target]",
        rollbacks: "Sequence[Rollout]",
        since: tuple[int, bool] = (0, False),
        driving: "Driving | None" = None,
    ) -> Self:
        batches = sorted({target.batch for target in targets})
        open_ones = [t.batch for t in targets if not TargetStatus(t.state).is_over]
        batch = min(open_ones, default=batches[-1] if batches else 0)
        current = Counter(t.state for t in targets if t.batch == batch)
        before = [t.finished_at for t in targets if t.batch < batch and t.finished_at]
        gate = gate_of(targets)
        is_baking = gate and before and rollout.bake_time
        return cls(
            rollout=rollout,
            states=Counter(target.state for target in targets),
            batch=batch,
            batches=len(batches),
            in_batch=current,
            gate=gate,
            baked_at=max(before) + rollout.bake_time if is_baking else None,
            is_touched=any(target.touched for target in targets),
            rollback=rollbacks[0].pk if rollbacks else 0,
            since=since[0],
            is_past=since[1],
            driving=driving,
        )

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def done(self) -> int:
        return self.states[TargetStatus.SUCCEEDED]

    @property
    def working(self) -> int:
        return self.states[TargetStatus.RUNNING] + self.states[TargetStatus.UNKNOWN]

    @property
    def failed(self) -> int:
        return self.states[TargetStatus.FAILED] + self.states[TargetStatus.UNREACHABLE]

    @property
    def is_guarded(self) -> bool:
        """Whether its environment is one where a stray key must not change anything."""
        return self.rollout.environment.is_guarded

    @property
    def waits_for_promotion(self) -> bool:
        return waits_for_promotion(self.rollout, self.gate)


def sentence_of(standing: Standing, now: datetime) -> Headline:
    """Return what there is to say of a rollout at this moment."""
    state = RolloutStatus(standing.rollout.state)
    if state.is_over:
        return _ended(standing, state)
    if standing.rollout.cancel_requested:
        why = _finishing(standing.working)
        return Headline(WARN, "stop", _("Being cancelled."), why, _("It ends by itself."))
    if nobody := _nobody_drives(standing, state):
        return nobody
    if state is RolloutStatus.PENDING:
        return Headline(
            WAIT,
            "clock",
            _("Waiting for a worker."),
            next=_("It begins by itself as soon as one is free."),
        )
    if state is RolloutStatus.PAUSED:
        return _paused(standing)
    return _running(standing, now)


def _nobody_drives(standing: Standing, state: RolloutStatus) -> Headline | None:
    """Return that it stands still, where no worker is alive to go on with it."""
    driving = standing.driving
    if driving is None or driving.is_alive or state is RolloutStatus.PAUSED:
        return None
    is_waiting = state is RolloutStatus.PENDING
    now = _("Waiting for a worker.") if is_waiting else _("Nobody drives it now.")
    if not driving.has_workers:
        start = _("Start one with `slipway worker`, or everything with `slipway up`.")
        return Headline(FAIL, "alert", now, _("No worker is alive."), start)
    if is_waiting:
        return None
    why = _("Worker %(worker)s is silent.") % {"worker": driving.worker}
    return Headline(
        WARN, "clock", now, why, _("Another worker takes it up by itself within a minute.")
    )


def _paused(standing: Standing) -> Headline:
    question = question_of(standing.rollout)
    if question:
        asked, advice = saying.said(question.sentence), saying.said_hint(question.sentence)
        return Headline(WARN, "alert", _("It asks you something."), asked, advice)
    return Headline(
        WARN,
        "pause",
        _("Paused: %(done)s of %(all)s hosts are done.") % _numbers(standing),
        _finishing(standing.working),
        _("Go on, or cancel it."),
    )


def _running(standing: Standing, now: datetime) -> Headline:
    gate = {"batch": standing.gate, "next": standing.gate + 1}
    if standing.waits_for_promotion:
        return Headline(
            WARN,
            "forward",
            _("Batch %(batch)s is done and waits for you.") % gate,
            _failures(standing),
            _("Look at it, then let batch %(next)s begin.") % gate,
        )
    if standing.baked_at and now < standing.baked_at:
        return Headline(
            RUN,
            "clock",
            _("Batch %(batch)s is done and is being watched.") % gate,
            _failures(standing),
            _("Batch %(next)s begins by itself at") % gate,
            at=standing.baked_at,
        )
    in_batch = {
        "batch": standing.batch,
        "batches": standing.batches,
        "done": standing.in_batch[TargetStatus.SUCCEEDED],
        "all": standing.in_batch.total(),
        "working": standing.working,
    }
    said = _("Batch %(batch)s of %(batches)s: %(done)s of %(all)s hosts done, %(working)s at work.")
    return Headline(
        RUN, "rollouts", said % in_batch, _failures(standing), _("Nothing for you to do.")
    )


def _ended(standing: Standing, state: RolloutStatus) -> Headline:
    outcome = saying.said(standing.rollout.outcome)
    if state is RolloutStatus.SUCCEEDED:
        link, text = _since(standing)
        return Headline(OK, "check", _done(standing), _failures(standing), "", link, text)
    link = f"/rollouts/{standing.rollback}" if standing.rollback else ""
    text = _("Look at the rollback #%(id)s") % {"id": standing.rollback} if link else ""
    if not link:
        link, text = _since(standing)
    if state is RolloutStatus.CANCELLED:
        said = _("Cancelled: %(done)s of %(all)s hosts were done.") % _numbers(standing)
        return Headline(WAIT, "stop", said, outcome, "", link, text)
    said = _("Stopped by itself: %(done)s of %(all)s hosts were done.") % _numbers(standing)
    if state is RolloutStatus.PARTIAL:
        said = _("Done in part: %(done)s of %(all)s hosts were done.") % _numbers(standing)
    advice = "" if link else _("Look at the problems, then retry, or roll back.")
    return Headline(FAIL, "alert", said, outcome, advice, link, text)


def _since(standing: Standing) -> tuple[str, str]:
    """Return where it went on afterwards, and how that is said."""
    if not standing.since:
        return "", ""
    return f"/rollouts/{standing.since}", _("Since then: #%(id)s") % {"id": standing.since}


def _done(standing: Standing) -> str:
    count, kind = standing.done, RolloutKind(standing.rollout.kind)
    version = standing.rollout.version.name if standing.rollout.version else ""
    values = {"n": count, "version": version}
    if kind.moves_version and version:
        moved = ngettext(
            "Done: %(n)s host got %(version)s.", "Done: %(n)s hosts got %(version)s.", count
        )
        return moved % values
    said = {
        RolloutKind.REVERT: ngettext(
            "Done: %(n)s host went back.", "Done: %(n)s hosts went back.", count
        ),
        RolloutKind.DELETE: ngettext(
            "Done: removed from %(n)s host.", "Done: removed from %(n)s hosts.", count
        ),
        RolloutKind.APPLY: ngettext(
            "Done: settings applied on %(n)s host.", "Done: settings applied on %(n)s hosts.", count
        ),
        RolloutKind.RESTART: ngettext(
            "Done: restarted on %(n)s host.", "Done: restarted on %(n)s hosts.", count
        ),
        RolloutKind.STOP: ngettext(
            "Done: stopped on %(n)s host.", "Done: stopped on %(n)s hosts.", count
        ),
    }.get(kind, ngettext("Done on %(n)s host.", "Done on %(n)s hosts.", count))
    return said % values


def _failures(standing: Standing) -> str:
    if not standing.failed:
        return ""
    count = standing.failed
    said = ngettext(
        "%(n)s host failed; %(allowed)s may.", "%(n)s hosts failed; %(allowed)s may.", count
    )
    return said % {"n": count, "allowed": standing.rollout.failures_allowed}


def _finishing(working: int) -> str:
    if not working:
        return ""
    return ngettext(
        "%(n)s host finishes what it began.", "%(n)s hosts finish what they began.", working
    ) % {"n": working}


def _numbers(standing: Standing) -> dict[str, int]:
    return {"done": standing.done, "all": standing.total}
