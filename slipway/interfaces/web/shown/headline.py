"""The one sentence at the top of a board: how it stands, why, and what to do next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.interfaces.web.frame import saying
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN
from slipway.records.rollouts.needs.standing import Standing


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


def sentence_of(standing: Standing, now: datetime) -> Headline:
    """Return what there is to say of a rollout at this moment."""
    state = standing.state
    if state.is_over:
        return _ended(standing, state)
    if standing.is_ending:
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
    question = standing.question
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
    outcome = saying.said(standing.outcome)
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
    advice = "" if link else _advice(standing)
    return Headline(FAIL, "alert", said, outcome, advice, link, text)


def _advice(standing: Standing) -> str:
    if standing.has_owing:
        return _("Look at the problems, then retry, or roll back.")
    return _("Look at the problems, mend the version or how it is run, then retry.")


def _since(standing: Standing) -> tuple[str, str]:
    """Return where it went on afterwards, and how that is said."""
    if not standing.since:
        return "", ""
    return f"/rollouts/{standing.since}", _("Since then: #%(id)s") % {"id": standing.since}


def _done(standing: Standing) -> str:
    count, kind, version = standing.done, standing.kind, standing.version
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
    return said % {"n": count, "allowed": standing.failures_allowed}


def _finishing(working: int) -> str:
    if not working:
        return ""
    return ngettext(
        "%(n)s host finishes what it began.", "%(n)s hosts finish what they began.", working
    ) % {"n": working}


def _numbers(standing: Standing) -> dict[str, int]:
    return {"done": standing.done, "all": standing.total}
