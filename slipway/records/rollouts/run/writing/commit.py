"""One commit of what a beat has changed: rollout, targets, places, steps, and the log."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from slipway.core.rollout.commands import clears
from slipway.core.rollout.happen import happened
from slipway.core.rollout.told.status import state_of, status_of
from slipway.core.rollout.told.telling import Told, is_silent_at_its_turn, tell
from slipway.core.rollout.value.events import Cleared
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target as TargetValue
from slipway.core.rollout.value.words import Heading, Stage
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.run.claims import Claim, turn
from slipway.records.rollouts.run.clearing import hindrances
from slipway.records.rollouts.run.loading import Loaded, question_as_json
from slipway.records.rollouts.run.writing.closing import close, reopen
from slipway.records.rollouts.run.writing.minutes import Intent, Minutes, write_minutes
from slipway.records.rollouts.run.writing.settling import Move, settle
from slipway.records.rows.writing.many import update_each

ROUNDS = 5  # of asking the rows in one commit: each takes some, and may let others have their turn

IntentsOf = Callable[[Value, Value], list[Intent]]


@dataclass(frozen=True, slots=True)
class Written:
    value: Value
    rev: int


def commit(
    held: Claim,
    loaded: Loaded,
    after: Value,
    minutes: Minutes,
    heard: int,
    intents_of: IntentsOf,
    now: datetime,
) -> Written:
    """Ask the rows about places whose turn it is, decide with their answers, and write what has
    become of the value, all in one transaction. Raises LeaseLost, ReopenRefused.

    A commit that raised anything else may have been made: its caller reads everything anew.
    """
    before = loaded.value
    with transaction.atomic():
        rev = turn(held)
        after = _cleared(loaded, after, now)
        if before.end is not None and after.end is None:
            reopen(loaded, now)
        moves = list(_moves(loaded, before, after))
        intents = intents_of(before, after)
        _write_rollout(loaded, before, after, heard, rev)
        settle(loaded, moves, rev, now)
        _write_targets(moves, rev, now)
        told = _to_tell(loaded, before, after, now)
        every = replace_intents(minutes, intents)
        write_minutes(loaded, every, told, rev, now)
    return Written(after, rev)


def _to_tell(loaded: Loaded, before: Value, after: Value, now: datetime) -> list[Told]:
    """What is worth a line of the log, and the end where it has come to it."""
    told = list(tell(before, after))
    if before.end is None and after.end is not None:
        over = close(loaded, after, now)
        # Where a halt is the end at once, it has been said.
        if over.sentence not in [each.sentence for each in told]:
            told.append(over)
    return told


def replace_intents(minutes: Minutes, intents: Iterable[Intent]) -> Minutes:
    return Minutes([*minutes.intents, *intents], minutes.ends, minutes.printed)


def _cleared(loaded: Loaded, value: Value, now: datetime) -> Value:
    held: set[tuple[str, Heading]] = set()  # a no is the same for the whole commit
    for _ in range(ROUNDS):
        asked = [(each.place, value.target(each.place).heading) for each in clears(value)]
        wanted = [place for place, heading in asked if (place, heading) not in held]
        if not wanted:
            break
        if any(heading is Heading.BACK for _, heading in asked):
            value = loaded.at_present(value)
        answers = hindrances(loaded, value, wanted, now)
        held |= {of for of in asked if answers.get(of[0]) is not None}
        value = happened(value, [Cleared(place, answers[place]) for place in wanted])
    return value


def is_worth_writing(before: Value, after: Value) -> bool:
    """Whether more than looks and time has changed."""
    if _whole(before) != _whole(after):
        return True
    return any(
        target is not old and (_row(target) != _row(old) or is_silent_at_its_turn(old, target))
        for target, old in _pairs(before, after)
        if target.is_target
    )


def _pairs(before: Value, after: Value) -> Iterable[tuple[TargetValue, TargetValue]]:
    return ((target, before.targets[place]) for place, target in after.targets.items())


def _moves(loaded: Loaded, before: Value, after: Value) -> Iterable[Move]:
    for place, target in after.targets.items():
        old = before.targets[place]
        if target is not old and target.is_target and _row(target) != _row(old):
            yield Move(place, loaded.rows[place], old, target)


def _row(target: TargetValue) -> dict[str, object]:
    """What is written down of a target."""
    return {
        "state": status_of(target).value,
        "stage": target.stage.value,
        "heading": target.heading.value,
        "attempts": attempts_of(target),
        "way": target.way.value,
        "cause": target.cause.value if target.cause else "",
        "problem": target.problem,
        "touched": target.touched,
        "owed": target.owed,
        "goes_further": target.goes_further,
        "losses": target.losses,
        "reprieved": target.reprieved,
        "since": target.since,
        "process": target.process,
        "boot": target.boot,
    }


def attempts_of(target: TargetValue) -> int:
    """How often it was begun on its heading."""
    begun = target.attempt > 0 or target.stage in (Stage.IN_HAND, Stage.SUSPECT, Stage.WELL)
    return target.attempt + 1 if begun or (target.touched and not target.stage.is_open) else 0


def _write_targets(moves: Iterable[Move], rev: int, now: datetime) -> None:
    update_each(
        Target,
        (
            ({"id": move.row.id}, _row(move.new) | {"rev": rev, "finished_at": _end(move, now)})
            for move in moves
        ),
    )
    begun = [move.row.id for move in moves if _begins(move)]
    for first in range(0, len(begun), 500):
        fresh = Target.objects.filter(pk__in=begun[first : first + 500], started_at=None)
        fresh.update(started_at=now)


def _end(move: Move, now: datetime) -> datetime | None:
    return None if move.new.stage.is_open else now


def _begins(move: Move) -> bool:
    return move.new.stage is Stage.IN_HAND and move.old.stage is not Stage.IN_HAND


def _whole(value: Value) -> dict[str, object]:
    """What is written down of the whole rollout, but for the time."""
    return {
        "is_paused": value.paused,
        "asks": question_as_json(value.asks) if value.asks else None,
        "answered": sorted(value.answered),
        "without": sorted(value.without),
        "cancel_requested": value.cancelled,
        "promoted_batches": value.promoted,
        "halted": value.halted.value if value.halted else "",
        "is_proven_guilty": value.is_proven_guilty,
        "withdrawn": sorted(value.withdrawn),
        "gone": sorted(value.gone),
        "end": value.end.value if value.end else "",
        "ended_driven": value.ended_at,
        "watching": value.watching,
    }


def _write_rollout(loaded: Loaded, before: Value, after: Value, heard: int, rev: int) -> None:
    changes: dict[str, object] = {"driven": after.driven, "heard": heard}
    if after.end is None:
        changes["state"] = state_of(after).value
    whole = _whole(after)
    if whole != _whole(before):
        changes |= whole
    Rollout.objects.filter(pk=loaded.value.number).update(**changes)


def after_writing(loaded: Loaded, value: Value, rev: int, heard: int) -> Loaded:
    """Return what its driver knows once a beat is over."""
    return replace(loaded, value=value, rev=rev, heard=heard)
