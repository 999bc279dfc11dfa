"""What a rollout asks of the hands: three commands, read from the value at any time."""

from dataclasses import dataclass
from itertools import islice

from slipway.core.rollout.decide.controls import CONTROLS_AT_ONCE, can_tell, is_control
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Stage, Way


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a host what is there. `soon`: something waits for the answer; else a look now and then is
    enough."""

    place: str
    soon: bool = True


@dataclass(frozen=True, slots=True)
class Clear:
    """Ask the rows whether a place may be taken now."""

    place: str


@dataclass(frozen=True, slots=True)
class Send:
    """Have a host run a chain under a ticket, or join it where it runs: asked for again, it is the
    same one."""

    place: str
    ticket: str
    way: Way


Command = Ask | Clear | Send


def to_do(rollout: Rollout) -> list[Command]:
    """Return what the value asks for now; what is under way already, the hands leave out."""
    if rollout.is_over:
        return []
    awaited = _awaited_controls(rollout)
    return [_for(rollout, target, awaited) for target in rollout.targets.values()]


def clears(rollout: Rollout) -> list[Clear]:
    """Return what the rows are asked: in the moment of taking, when the host has answered. What was
    begun is not asked about again in its middle."""
    if rollout.end is not None:
        return []
    return [
        Clear(target.place)
        for target in rollout.targets.values()
        if target.is_target
        and target.stage is Stage.ASKED
        and target.needs_clearance
        and target.is_heard_since(target.since)
        and target.cleared_in != rollout.beat
    ]


def decides_ways_back(before: Rollout, after: Rollout) -> bool:
    """Whether it was decided of a place that it goes back, or stays: the rows are asked first what
    is withdrawn by now."""
    return any(
        target is not (old := before.targets[place])
        and target.touched
        and (target.heading is not old.heading or _stays(old, target))
        for place, target in after.targets.items()
    )


def _stays(old: Target, target: Target) -> bool:
    return target.stage is Stage.OUT and old.stage is not Stage.OUT


def _for(rollout: Rollout, target: Target, awaited: frozenset[str]) -> Command:
    match target.stage:
        case Stage.IN_HAND if target.is_heard_since(target.turn):
            return Send(target.place, rollout.ticket(target), target.way)
        case Stage.IN_HAND:
            return Ask(target.place)
        case Stage.ASKED | Stage.SUSPECT:
            return Ask(target.place, soon=not target.is_heard_since(target.since))
        case _:
            never_seen = target.look is None and not target.lost
            return Ask(target.place, soon=never_seen or target.place in awaited)


def _awaited_controls(rollout: Rollout) -> frozenset[str]:
    suspects = [t for t in rollout.targets.values() if t.stage is Stage.SUSPECT]
    if not suspects:
        return frozenset()
    since = min(t.since for t in suspects)
    controls = (c for c in rollout.targets.values() if is_control(c) and not c.lost)
    candidates = (c for c in controls if any(can_tell(c, suspect) for suspect in suspects))
    silent = (c.place for c in candidates if not c.is_heard_since(since))
    return frozenset(islice(silent, CONTROLS_AT_ONCE))
