"""Invariants of a target's way: well, failed, blamed, left out, on its way back."""

from typing import TYPE_CHECKING

from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from tests.simulation.invariants.blame import blamed
from tests.simulation.invariants.broken import hold
from tests.simulation.invariants.memory import LATELY, LONG, Memory
from tests.simulation.invariants.taking import taken, taken_forth

# Why a way back is not gone although nothing came from outside: a person's word of the place, or
# what stands there takes its host down again and again.
# Here, and in the records.
EXCUSES = frozenset(
    {"locked", "maintenance", "moved", "said_gone", "lost_again", "withdrawn_meanwhile"}
    | {"place_locked", "host_in_maintenance", "in_maintenance"}
)
HELD = frozenset({"held", "service_locked", "window_closed"})

if TYPE_CHECKING:
    from tests.simulation.world import World


def moved(
    memory: Memory, world: "World", before: Rollout, value: Rollout, old: Target, new: Target
) -> None:
    hold(new.planned.batch > 0, "I13 only its targets", new.place)
    is_turned = old.heading is Heading.BACK and new.heading is Heading.FORTH
    hold(not is_turned, "§2 not back and forth", new.place)
    is_kept = old.cause is None or new.cause is old.cause
    hold(is_kept, "§6 a cause is not changed", new.place, old.cause, new.cause)
    _arrived(memory, world, before, value, old, new)
    if new.heading is Heading.BACK and old.heading is Heading.FORTH:
        _turned_back(memory, value, old, new)
    _leads_where_it_may(memory, world, value, old, new)
    if new.cause is Cause.VERSION and old.cause is not Cause.VERSION:
        blamed(memory, world, before, value, old, new)


def _arrived(
    memory: Memory, world: "World", before: Rollout, value: Rollout, old: Target, new: Target
) -> None:
    of = (value.number, new.place)
    match new.stage:
        case Stage.ASKED:
            memory.asked_at[of] = world.now
        case Stage.SUSPECT:
            memory.suspect_at[of] = world.now
            if old.stage is not Stage.SUSPECT:  # a person's word lets it be looked at anew
                _is_no_weather(memory, world, value, new)
        case Stage.IN_HAND if old.stage is not Stage.IN_HAND:
            _sent(memory, world, value, new)
            taken(memory, world, value, old, new)
            if new.heading is Heading.FORTH:
                taken_forth(memory, world, before, value, new)
        case Stage.WELL:
            _found_well(memory, world, value, old, new)
        case Stage.OUT if old.stage is not Stage.OUT:
            _left_out(memory, world, value, new)


def _sent(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    of, ticket = (value.number, new.place), value.ticket(new)
    if memory.sent_since.get(of, ("", 0))[0] != ticket:
        memory.sent_since[of] = ticket, world.now


# --- well ----------------------------------------------------------------------------------------


def _found_well(memory: Memory, world: "World", value: Rollout, old: Target, new: Target) -> None:
    of, spot = (value.number, new.place), world.spots[new.place]
    memory.well_at[of] = memory.placed_at[new.place] = world.now
    planned, is_forth = new.planned, new.heading is Heading.FORTH
    meant = (planned.up if is_forth else planned.was_up) and bool(new.goal)
    hold(new.up == meant, "§1 stopped on purpose stays stopped", new.place, new.up)
    if old.stage is Stage.WELL and old.boot != new.boot:
        memory.reboots[of] = memory.reboots.get(of, 0) + 1
        is_first = memory.reboots[of] < 2 or not is_forth
        hold(is_first, "§6 the second loss is the version's", new.place)
    _is_where_it_should_be(memory, world, new)
    _was_seen(memory, value, new)
    is_calm = memory.quiet_for(world, spot) > LATELY and not spot.has_lied
    if is_forth and planned.anew and is_calm:
        is_new = spot.process != memory.process_before.get(of)
        hold(is_new, "§1 a restart restarts", new.place)
    if not is_forth and planned.is_new and planned.changes_version:
        hold(not new.goal, "§2 what is new is removed", new.place)
    if new.up:
        _climb(memory, world, value, new)
    elif not new.goal:
        memory.stood_on[new.place] = []  # what comes there later is new


def _was_seen(memory: Memory, value: Rollout, new: Target) -> None:
    """What the last answer said is all that is to be done."""
    look, goal = memory.look(value.number, new.place), new.goal
    hold(look is not None, "I14 success was seen", new.place, "was not heard")
    if look is None:
        return
    is_there = look.link.version == goal.version
    if new.up:
        is_there = is_there and not look.hook_owed  # down, it is paid by whoever starts it
        runs = look.running.version == goal.version
        serves = look.healthy and not look.drained_by and not look.busy
        hold(is_there and runs and serves, "I14 success was seen", new.place, look)
    else:
        hold(is_there and not look.running, "I14 success was seen", new.place, look)


def _is_where_it_should_be(memory: Memory, world: "World", new: Target) -> None:
    spot, goal = world.spots[new.place], new.goal
    is_bad = bool(goal) and world.is_bad(spot, goal)
    if memory.quiet_for(world, spot) < LATELY or is_bad:
        return
    running = spot.running.version == (goal.version if new.up else "")
    is_right = spot.link == goal and running
    hold(is_right, "I14 success was seen", new.place, spot.link, spot.running)
    if new.up:
        owes = spot.hook_owed or bool(spot.drained_by)
        hold(not owes, "§1 done owes nothing", new.place, spot.hook_owed, spot.drained_by)
        hold(spot.orders == new.planned.orders, "§1 standing orders are kept", new.place)
    else:
        hold(not spot.enabled, "§1 down is not started at boot", new.place)


def _climb(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    opened = world.rows.open.get(value.number)
    kind = opened.kind if opened else ""
    stack, version = memory.stack(new.place), new.goal.version
    goes_under = kind in ("rollback", "owed") or new.heading is Heading.BACK
    if goes_under and version in stack:
        while stack[-1] != version:
            stack.pop()
    elif not stack or stack[-1] != version:
        stack.append(version)


# --- not well ------------------------------------------------------------------------------------


def _is_no_weather(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    of, code = (value.number, new.place), new.problem.code if new.problem else ""
    memory.failed_by[of] = code
    look = memory.look(value.number, new.place)
    if code == "died_later" and look is not None and memory.reboots.get(of, 0) == 0:
        hold(look.boot == new.boot, "§6 a reboot is weather", new.place)


def _leads_where_it_may(
    memory: Memory, world: "World", value: Rollout, old: Target, new: Target
) -> None:
    """As the rows say when it is decided, and again when it is taken."""
    withdrawn = withdrawn_there(world, new.place)
    if new.heading is Heading.BACK:
        is_decided = old.heading is Heading.FORTH or new.goes_further != old.goes_further
        is_taken = new.stage is Stage.IN_HAND and old.stage is Stage.ASKED and old.needs_clearance
        is_same = new.goal.version in ("", new.planned.goal.version)
        is_fit = is_same or new.goal.version not in withdrawn
        is_fit = is_fit or not (is_decided or is_taken)
        hold(is_fit, "§2 a withdrawn version is no way back", new.place, new.goal)
    elif new.stage is Stage.OUT and old.stage is not Stage.OUT:
        memory.withdrawn_at_end[value.number, new.place] = withdrawn


def withdrawn_there(world: "World", place: str) -> frozenset[str]:
    return world.rows.services[world.rows.places[place].service].withdrawn


def _turned_back(memory: Memory, value: Rollout, old: Target, new: Target) -> None:
    hold(new.touched, "§2 what no step touched does not go back", new.place)
    if old.stage is Stage.WELL and new.cause is Cause.VERSION:
        hold(value.halted is Cause.VERSION, "§6 what succeeded stays", new.place)
        hold(not value.cancelled, "§11 after a cancel what is well stays", new.place)


def _left_out(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    of, spot = (value.number, new.place), world.spots[new.place]
    code = new.problem.code if new.problem else ""
    inner = code
    if new.problem is not None:
        inner = next(
            (v.code for n, v in new.problem.values if n == "why" and hasattr(v, "code")), ""
        )
    hold(not HELD & {code, inner}, "§8 windows and service locks hold the batch", new.place)
    if code in ("unreachable", "host_cannot", "not_known"):
        _was_asked_in_vain(memory, world, value, new)
        memory.not_known.add(of)
    if code == "not_arrived":
        spent = (world.now - memory.sent_since[of][1]) * 5.0
        hold(spent >= value.policy.patience, "§0 patience is spent sending", new.place, spent)
    is_quiet = memory.quiet_for(world, spot) > LONG
    if new.heading is Heading.BACK and is_quiet and code == "could_not_go_back":
        is_excused = world.is_bad(spot, new.goal) or inner in EXCUSES
        was_heard = memory.vain.get(of, 0) == 0
        is_excused = is_excused or not was_heard
        hold(is_excused, "I4 what can go back is back", new.place, inner)


def _was_asked_in_vain(memory: Memory, world: "World", value: Rollout, new: Target) -> None:
    """Patience and deadlines are spent asking: an answer, or a gap, begins them anew; not one that
    says only that a chain runs, which cannot be heard."""
    of = (value.number, new.place)
    hold(memory.vain.get(of, 0) > 0, "§5 only what was asked in vain is given up", new.place)
    heard_at = memory.heard_at(value.number, new.place)
    heard_at = min(heard_at, memory.unheard_since.get(of, heard_at))
    since = max(heard_at, memory.gap_at.get(value.number, 0), memory.asked_at.get(of, 0))
    spent = (world.now - since) * 5.0
    hold(spent >= value.policy.patience, "§0 patience is spent asking", new.place, spent)
    if new.heading is Heading.FORTH:
        meant = memory.vain_cause[of]
        hold(new.cause is meant, "§6 silence has its cause", new.place, new.cause)
