"""Whole histories as texts: everything that the brain decides in them, beat by beat.

    python -m tests.core.rollout.telling          writes tests/core/rollout/stories anew

A history is one of the simulator's. It is told from what goes into `happened` and what comes out;
a change of a rule is seen in the stories that it changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from unittest import mock

from slipway.core.rollout.commands import Ask, Clear, Command, Send, to_do
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import Event
from slipway.core.rollout.value.questions import Question
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.words.sentence import Sentence
from tests.simulation.history import live
from tests.simulation.scenario import scenario

STORIES = Path(__file__).parent / "stories"
# The few that between them come to every branch of the brain that a thousand come to.
SEEDS = (
    *(1, 78, 170, 214, 252, 356, 359, 383, 388, 437, 567, 593, 602, 610, 635, 706, 728, 755, 771),
    *(796, 833, 844, 865, 941, 973, 1048, 1065, 1074, 1137, 1148, 1150),
)
# What changes with every look, and is seen in what is decided from it.
_PASSING = {"look", "looked_at", "heard_at", "planned", "targets", "beat", "driven", "policy"}


def story(seed: int) -> str:
    """Return what the brain decides in this history, a line for each value that changes."""
    lines = [f"seed {seed}"]
    doing: dict[int, list[str]] = {}

    def heard(before: Rollout, events: Sequence[Event]) -> Rollout:
        after = happened(before, events)
        told = [*_changes("rollout", before, after), *_changes_of_targets(before, after)]
        does = [_doing(command) for command in to_do(after) if not isinstance(command, Ask)]
        if does != doing.get(after.number, []):
            doing[after.number] = does
            told.append(f"  does: {', '.join(does) or 'nothing'}")
        if told:
            lines.extend([f"{after.number} at {after.driven:g}, beat {after.beat}", *told])
        return after

    with mock.patch("tests.simulation.driver.happened", heard):
        live(scenario(seed))
    return "\n".join(lines) + "\n"


def _changes_of_targets(before: Rollout, after: Rollout) -> Iterator[str]:
    for old, new in zip(before.targets.values(), after.targets.values(), strict=True):
        yield from _changes(new.place, old, new)


def _changes(name: str, old: Rollout | Target, new: Rollout | Target) -> Iterator[str]:
    names = [field.name for field in fields(old) if field.name not in _PASSING]
    changed = [each for each in names if getattr(old, each) != getattr(new, each)]
    if changed:
        yield f"  {name}: {', '.join(f'{each} {_said(getattr(new, each))}' for each in changed)}"


def _said(value: object) -> str:
    match value:
        case Sentence():
            return f"“{value}”"
        case Question():
            places = " ".join(value.places)
            return f"{value.code} of {places} since {value.since:g}: {_said(value.sentence)}"
        case frozenset():
            return f"{{{' '.join(sorted(map(str, value)))}}}"
        case StrEnum():
            return str(value)
        case float():
            return f"{value:g}"
        case _:
            return repr(value)


def _doing(command: Command) -> str:
    match command:
        case Send(place, ticket, way):
            return f"send {place} {ticket} to {way}"
        case Clear(place):
            return f"clear {place}"
        case Ask(place, soon):
            return f"ask {place} {'soon' if soon else 'now and then'}"


if __name__ == "__main__":
    for each in SEEDS:
        (STORIES / f"{each}.txt").write_text(story(each))
