"""Drives a rollout by hand: writes through the room that drivers write through, no host behind it.

Where a driver decides, a test says: this place is well, that one failed.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target as TargetValue
from slipway.core.rollout.value.words import Cause, End, Heading, Stage
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Rollout, Target
from slipway.records.rollouts.run.claims import Claim, claim, turn
from slipway.records.rollouts.run.loading import load, place_of
from slipway.records.rollouts.run.writing.commit import after_writing, commit
from slipway.records.rollouts.run.writing.minutes import Intent, Line, Minutes, StepEnd

STEPS = ("unpack", "switch", "restart", "probe")


class Hand:
    """A claim on a rollout, and its value."""

    def __init__(
        self, rollout: Rollout, name: str = "worker-0", now: datetime | None = None
    ) -> None:
        self._now = now
        with transaction.atomic():
            self.held: Claim = claim(rollout_id=rollout.pk, driver=name, now=self.now())
        self.loaded = load(rollout.pk)

    def now(self) -> datetime:
        return self._now or timezone.now()

    @property
    def value(self) -> Value:
        return self.loaded.value

    def places(self) -> list[str]:
        """The targets, in the order of the plan."""
        return [place for place, target in self.value.targets.items() if target.is_target]

    def waiting(self) -> list[str]:
        return [p for p in self.places() if self.value.target(p).stage is Stage.DUE]

    def place(self, target: Target | str) -> str:
        """What a row is called in the plan; a host's name alone will do where it is clear."""
        if isinstance(target, Target):
            return place_of(target)
        if target in self.value.targets:
            return target
        (found,) = [p for p in self.places() if p.partition(":")[0] == target]
        return found

    # --- what happens ------------------------------------------------------------------------

    def start(self, *targets: Target | str, steps: Iterable[str] = STEPS) -> None:
        """Take targets in hand, and write down their steps."""
        places = [self.place(target) for target in targets]
        intents = [Intent(p, "forth", 1, self._tickets(p, steps)) for p in places]
        changed = {
            p: replace(self.value.target(p), stage=Stage.IN_HAND, touched=True) for p in places
        }
        self.write(changed, Minutes(intents=intents))

    def step(
        self,
        target: Target | str,
        done: Iterable[str],
        under_way: str = "",
        *,
        exit_code: int = 0,
        output: str = "printed",
        bytes_moved: int = 0,
    ) -> None:
        """End steps of a target; the last one ends with `exit_code`."""
        place, names, now = self.place(target), list(done), self.now()
        ((_, then),) = self._tickets(place, [under_way])
        ends = [
            StepEnd(
                place,
                ticket,
                name,
                exit_code if name == names[-1] else 0,
                now,
                now,
                output=output,
                bytes_moved=bytes_moved if name == "unpack" else 0,
                following=(under_way, then) if under_way and name == names[-1] else None,
            )
            for name, ticket in self._tickets(place, names)
        ]
        self.write({}, Minutes(ends=ends))

    def succeed(self, target: Target | str, *, heading: Heading = Heading.FORTH) -> None:
        place = self.place(target)
        well = replace(self.value.target(place), heading=heading, touched=True, owed=False)
        goal = well.goal
        look = Look(
            goal, goal, well.planned.orders, "4711.1", "boot", bool(goal and well.up), well.up
        )
        self.write(
            {place: replace(well, stage=Stage.WELL, look=look, process="4711.1", boot="boot")}
        )

    def fail(
        self,
        target: Target | str,
        message: Sentence | str = "{place}: it never got healthy.",
        *,
        touched: bool = True,
        cause: Cause = Cause.VERSION,
    ) -> None:
        place = self.place(target)
        problem = message if isinstance(message, Sentence) else _failure(message, place)
        old = self.value.target(place)
        failed = replace(old, stage=Stage.OUT, touched=touched, cause=cause, problem=problem)
        self.write({place: failed})

    def take_back(self, target: Target | str) -> None:
        """It failed, and is what it was before."""
        place = self.place(target)
        problem = Sentence.of("step_failed", "{place}: it never got healthy.", place=place)
        failed = replace(self.value.target(place), cause=Cause.VERSION, problem=problem)
        self.write({place: replace(failed, stage=Stage.DUE, heading=Heading.BACK, touched=True)})
        self.succeed(place, heading=Heading.BACK)

    def say(self, text: Sentence | str, *, target: Target | str = "", step: str = "") -> None:
        """The system says a sentence, or a host prints something."""
        if isinstance(text, Sentence):
            with transaction.atomic():
                rev, number = turn(self.held), self.value.number
                LogLine.objects.create(rollout_id=number, sentence=text, at=self.now(), rev=rev)
            return
        place = self.place(target) if target else self.places()[0]
        self.write({}, Minutes(printed=[Line(place, step, text, self.now())]))

    def close(self, end: End = End.SUCCEEDED, **whole: Any) -> None:
        """End the rollout; what was not begun is said to be so."""
        not_begun = Sentence.of("not_begun_cancelled", "Not begun: the rollout was cancelled.")
        changed = {
            place: replace(target, stage=Stage.OUT, cause=Cause.PERSON, problem=not_begun)
            for place, target in self.value.targets.items()
            if target.is_open
        }
        self.write(changed, None, end=end, **whole)

    def finish(self, *, failing: Iterable[str] = (), end: End | None = None) -> None:
        """Bring everything to an end: well, but for the hosts that are `failing`."""
        bad = {self.place(each) for each in failing}
        self.start(*self.waiting())
        for place in self.places():
            if self.value.target(place).is_open:
                (self.fail if place in bad else self.succeed)(place)
        self.close(end or (End.PARTIAL if bad else End.SUCCEEDED))

    def write(
        self, changed: dict[str, TargetValue], minutes: Minutes | None = None, **whole: Any
    ) -> None:
        """Commit the value with these changes, as a driver's beat does."""
        after = replace(self.value, targets={**self.value.targets, **changed}, **whole)
        written = commit(
            self.held, self.loaded, after, minutes or Minutes(), self.loaded.heard,
            lambda before, then: [], self.now(),
        )  # fmt: skip
        self.loaded = after_writing(self.loaded, written.value, written.rev, self.loaded.heard)

    def _tickets(self, place: str, steps: Iterable[str]) -> tuple[tuple[str, str], ...]:
        names, target = self.loaded.names(place), self.value.target(place)
        return tuple((step, names.ticket(target, step)) for step in steps)


def _failure(message: str, place: str) -> Sentence:
    return Sentence.of("step_failed", message, hint="Read the log.", place=place)
