"""Invariants of questions and ends: one word, one cause each, nothing left in hand."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.questions import Asks
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, End, Heading, Stage
from tests.simulation.invariants.blame import halted, withdrawn
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import (
    NEVER,
    Memory,
    has_a_way_back,
    is_open,
    targets_of,
)

if TYPE_CHECKING:
    from tests.simulation.world import World

MOST_QUESTIONS = 15  # of one code in a rollout, without anybody's answer


def changed(memory: Memory, world: "World", before: Rollout, value: Rollout) -> None:
    if value.asks is not None and value.asks != before.asks:
        _asks(memory, world, value)
    if value.halted is not None and before.halted is None:
        halted(value, memory)
    if value.withdrawn != before.withdrawn:
        withdrawn(memory, world, before, value)
    if before.end is not None and value.end is None:
        hold(before.watching, "I3 an end is an end", value.number)
    if before.watching and not value.watching and value.end is not None:
        _watch_is_over(memory, world, value)


def _asks(memory: Memory, world: "World", value: Rollout) -> None:
    question = value.asks
    assert question is not None, "it asks"
    places = question.places
    if question.code is Asks.CONTROL_IS_ILL:
        hold(not value.cancelled, "§6 cancelled while the control is ill", value.number)
        # What a control said stands, over a gap too.
        ill = [place for place in places if (value.number, place) in memory.ever_ill]
        control = memory.look(value.number, places[-1])
        if control is not None:
            origin = value.targets[places[-1]].planned.origin
            is_control = control.running.version == origin.version
            hold(is_control, "§6 a control runs the former version", places[-1])
        hold(bool(ill), "§6 a question has its reason", question.code, places)
    elif question.code is Asks.SEVERAL_LOST:
        in_vain = [p for p in places if memory.vain.get((value.number, p), 0) > 0]
        hold(len(in_vain) > 1, "§6 a question has its reason", question.code, places)
    if question.code is not Asks.NONE_SERVES:
        hold(bool(places), "§4 a question names its places", question.code)
    asked = memory.questions[value.number]
    asked.append(question.code.value)
    memory.asked_ever[value.number].add(question.code.value)
    is_bounded = asked.count(question.code.value) <= MOST_QUESTIONS
    hold(is_bounded, "§6 nothing is asked for ever", question.code)


def _watch_is_over(memory: Memory, world: "World", value: Rollout) -> None:
    ended_at = memory.ended_at.get(value.number, NEVER)
    watched = (world.now - ended_at) * 5.0
    hold(watched >= value.policy.watch, "§11 watched", value.number, watched)
    for target in targets_of(value):
        look = memory.look(value.number, target.place)
        if not target.up or look is None or look.boot != target.boot:
            continue
        if memory.vain.get((value.number, target.place), 0) == 0:
            lives = look.process == target.process
            hold(lives, "§11 a death in the watch is noticed", target.place)


# --- ends ----------------------------------------------------------------------------------------


def ended(memory: Memory, world: "World", value: Rollout) -> None:
    memory.ended_at[value.number] = world.now
    for target in targets_of(value):
        hold(not is_open(target), "I6 nothing left in hand", target.place, target.stage)
        was_disturbed = (value.number, target.place) in memory.disturbed
        hold(target.touched or not was_disturbed, "§0 untouched is untouched", target.place)
        _has_one_cause(value, target)
        _failed_went_back(memory, value, target)
        if value.end is End.SUCCEEDED:
            _was_seen_well(memory, world, value, target)
    _word_is_right(memory, value)


def _has_one_cause(value: Rollout, target: Target) -> None:
    if target.stage is Stage.WELL and target.heading is Heading.FORTH:
        hold(target.cause is None, "§6 a success has no cause", target.place, target.cause)
        return
    hold(target.cause is not None, "§6 exactly one cause", target.place, target.stage)
    hold(target.problem is not None, "§11 told by name", target.place, target.cause)
    is_owed = target.owed or target.heading is Heading.FORTH or target.stage is Stage.WELL
    hold(is_owed, "§2 a way back that was not gone is owed", target.place)


def _failed_went_back(memory: Memory, value: Rollout, target: Target) -> None:
    if (value.number, target.place) in memory.not_known:
        return  # nobody was there to take it back
    stays = target.stage is Stage.OUT and target.heading is Heading.FORTH
    if not stays or not target.touched or not value.policy.goes_back:
        return
    if target.cause in (Cause.VERSION, Cause.HOST) and has_a_way_back(target):
        back = target.planned.back
        withdrawn_then = memory.withdrawn_at_end.get((value.number, target.place), frozenset())
        is_other = back is not None and back.version != target.planned.goal.version
        is_gone = is_other and back is not None and back.version in withdrawn_then
        hold(is_gone, "§6 what failed goes back", target.place, target.cause)


def _was_seen_well(memory: Memory, world: "World", value: Rollout, target: Target) -> None:
    of, spot = (value.number, target.place), world.spots[target.place]
    if not target.up:
        return
    hold(target.place in memory.heard[value.number], "§5 hosts are asked first", target.place)
    baked = (world.now - memory.well_at.get(of, world.now)) * 5.0
    hold(baked >= value.policy.bake, "§11 succeeded needs the whole bake", target.place, baked)
    look = memory.look(value.number, target.place)
    if look is not None and look.boot == target.boot:
        hold(look.process == target.process, "§0 another process is a death", target.place)
    dead_for = world.now - memory.not_serving_since.get(target.place, world.now)
    is_lost = memory.vain.get(of, 0) > 0 or not spot.machine.answers
    is_seen = spot.running or dead_for <= 8 or is_lost
    hold(bool(is_seen), "§5 a bake ends with a look", target.place, dead_for)


def _word_is_right(memory: Memory, value: Rollout) -> None:
    targets, end = targets_of(value), value.end
    forth = [t for t in targets if t.stage is Stage.WELL and t.heading is Heading.FORTH]
    touched = [t for t in targets if t.touched]
    not_back = [t.place for t in touched if not _is_back(t)]
    is_cancelled = value.number in memory.cancelled_at
    match end:
        case End.SUCCEEDED:
            hold(len(forth) == len(targets), "I14 succeeded means all", value.number)
        case End.TAKEN_BACK:
            hold(not not_back, "§11 taken back means all that was touched", not_back)
        case End.CANCELLED:
            hold(is_cancelled, "§11 cancelled by a person", value.number)
        case End.PARTIAL:
            hold(value.halted is None, "§11 halted is told", value.number)
            _has_reason(memory, value, forth)
    hold(value.halted is None or end is not End.SUCCEEDED, "§11 halted is told", value.number)
    if value.halted is Cause.VERSION and not is_cancelled and value.policy.goes_back:
        stays = [t.place for t in forth if t.touched and has_a_way_back(t)]
        withdrawn_back = value.withdrawn_elsewhere
        stays = [p for p in stays if not _leads_to(value.targets[p], withdrawn_back)]
        hold(not stays, "§11 halted: what was touched goes back", stays)
    _ours_was_asked_about(memory, value, is_cancelled)


def _ours_was_asked_about(memory: Memory, value: Rollout, is_cancelled: bool) -> None:
    targets = targets_of(value)
    ours = [t.place for t in targets if t.cause is Cause.OURS]
    was_asked = Asks.OURS.value in memory.asked_ever[value.number]
    hold(not ours or was_asked or is_cancelled, "§6 an error of ours is asked about", ours)


def _has_reason(memory: Memory, value: Rollout, forth: list[Target]) -> None:
    is_seen = all((value.number, t.place) not in memory.vain for t in forth)
    is_partial = len(forth) < len(targets_of(value)) or not is_seen
    hold(is_partial, "§11 partial has its reason", value.number)


def _is_back(target: Target) -> bool:
    return target.heading is Heading.BACK and target.stage is Stage.WELL


def _leads_to(target: Target, withdrawn_back: frozenset[str]) -> bool:
    back = target.planned.back
    return back is not None and back.version in withdrawn_back
