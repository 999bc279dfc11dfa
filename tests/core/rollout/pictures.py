"""Rollouts of the brain drawn as text: `+|a.|.c` is three batches, a mark for each place.

Places are p1, p2 … in the order of the picture. All times are of driven time; it is NOW.
"""

from dataclasses import replace
from types import MappingProxyType

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.looks import ChainReport, Look
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage
from slipway.core.words.sentence import Sentence

NOW = 1000.0
BEAT = 7
OLD, NEW = Release("v1", "1"), Release("v2", "2")
WHY = Sentence("why", "It did not do.")
NO_ANSWER = Sentence("no_answer", "It did not answer.")


def look(release: Release = OLD, **values: object) -> Look:
    """What is seen of a place that is well on a release."""
    seen = Look(release, release, "", "101", "1", healthy=True, enabled=True)
    return replace(seen, **values)  # type: ignore[arg-type]


ILL = look(healthy=False)
BUSY = look(NEW, busy=True)

_BASE = Target(Planned("", OLD, NEW, OLD), since=NOW - 60, looked_at=NOW, heard_at=NOW)
_BACK = replace(_BASE, heading=Heading.BACK, touched=True, cause=Cause.VERSION, problem=WHY)
MARKS = {
    ".": replace(_BASE, look=look()),
    "a": replace(_BASE, stage=Stage.ASKED, look=look(), cleared_in=BEAT),
    "i": replace(_BASE, stage=Stage.ASKED, look=ILL, cleared_in=BEAT),
    "?": replace(_BASE, stage=Stage.ASKED, lost=True, heard_at=NOW - 60),
    ">": replace(_BASE, stage=Stage.IN_HAND, look=BUSY, touched=True),
    "!": replace(_BASE, stage=Stage.IN_HAND, lost=True, heard_at=NOW - 60, touched=True),
    "s": replace(_BASE, stage=Stage.SUSPECT, look=look(NEW, healthy=False), touched=True),
    "+": replace(_BASE, stage=Stage.WELL, look=look(NEW), touched=True, process="101", boot="1"),
    "x": replace(
        *(_BASE,),
        stage=Stage.OUT,
        look=ILL,
        touched=True,
        cause=Cause.VERSION,
        problem=WHY,
        blamed_at=NOW - 60,
    ),
    "-": replace(_BASE, stage=Stage.OUT, cause=Cause.WEATHER, problem=NO_ANSWER, lost=True),
    "h": replace(_BASE, stage=Stage.OUT, look=look(), cause=Cause.HOST, problem=WHY),
    "b": replace(_BACK, look=look(NEW, healthy=False), blamed_at=NOW - 60),
    "B": replace(_BACK, look=look(NEW)),
    "q": replace(_BACK, stage=Stage.ASKED, look=look(NEW), cleared_in=BEAT),
    "<": replace(_BACK, stage=Stage.IN_HAND, look=BUSY),
    "=": replace(_BACK, stage=Stage.WELL, look=look(), process="101", boot="1", blamed_at=NOW - 99),
    "o": replace(_BACK, stage=Stage.OUT, look=ILL, owed=True, blamed_at=NOW - 99),
    "c": replace(_BASE, look=look()),  # no target
    "d": replace(_BASE, look=look(running=NOTHING, healthy=False)),  # no target, and dead
}


def rollout(picture: str, /, **values: object) -> Rollout:
    """Return what is drawn. Values that a policy has are of the policy, all others of the
    rollout."""
    policy: dict[str, object] = {"allowed_away": 9, "patience": 30.0, "left_out": 9}
    policy |= {name: values.pop(name) for name in list(values) if hasattr(Policy(), name)}
    drawn: list[Target] = []
    for batch, marks in enumerate(picture.split("|"), start=1):
        drawn += [_target(mark, batch, len(drawn) + number) for number, mark in enumerate(marks, 1)]
    targets = MappingProxyType({target.place: target for target in drawn})
    made = Rollout(1, Policy(**policy), targets, driven=NOW, beat=BEAT)  # type: ignore[arg-type]
    return replace(made, **values)  # type: ignore[arg-type]


def _target(mark: str, batch: int, number: int) -> Target:
    target = MARKS[mark]
    planned = replace(target.planned, place=f"p{number}", batch=0 if mark in "cd" else batch)
    return replace(target, planned=planned)


_DRAWN = {
    Heading.FORTH: dict(zip(Stage, ".a>s+x", strict=True)),
    Heading.BACK: dict(zip(Stage, "bq<s=o", strict=True)),
}


def drawn(value: Rollout) -> str:
    """Draw how far the targets are: `.a>s+x` forth, `bq<s=o` back; batches are not told apart."""
    targets = (t for t in value.targets.values() if t.is_target)
    return "".join(_DRAWN[target.heading][target.stage] for target in targets)


def with_target(value: Rollout, place: str, **values: object) -> Rollout:
    target = replace(value.target(place), **values)  # type: ignore[arg-type]
    return replace(value, targets=MappingProxyType({**value.targets, place: target}))


def with_look(value: Rollout, place: str, seen: Look | None) -> Rollout:
    return with_target(value, place, look=seen)


def with_plan(value: Rollout, place: str, **plan: object) -> Rollout:
    planned = replace(value.target(place).planned, **plan)  # type: ignore[arg-type]
    return with_target(value, place, planned=planned)


def report(outcome: Outcome, fault: Cause = Cause.VERSION, ticket: str = "forth-0") -> ChainReport:
    return ChainReport(ticket, outcome, fault=fault, problem=WHY)
