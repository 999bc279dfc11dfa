"""What is to be written down beside a value: steps that begin and end, and lines of the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slipway.core.rollout.told.telling import Told
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Step, Target
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rows.texts import storable
from slipway.records.rows.writing.many import insert_each, update_each

OUTPUT_KEPT = 64 * 1024  # characters of a step's output, its end


@dataclass(frozen=True, slots=True)
class Intent:
    """Steps of one attempt that are about to be asked for: (name, ticket), in their order."""

    place: str
    heading: str
    attempt: int
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a step ended. `bytes_moved` are package bytes sent to the host; `following` is the step
    that its host works on from then on, by name and ticket."""

    place: str
    ticket: str
    name: str
    exit_code: int
    started_at: datetime
    finished_at: datetime
    output: str = ""
    bytes_moved: int = 0
    following: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a host printed; or what is said of it, where it is not text."""

    place: str
    step: str
    text: str | Sentence
    at: datetime


@dataclass(slots=True)
class Minutes:
    """Collected between two commits; a commit whose answer is lost may repeat them."""

    intents: list[Intent] = field(default_factory=list)
    ends: list[StepEnd] = field(default_factory=list)
    printed: list[Line] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.intents or self.ends or self.printed)


def write_minutes(
    loaded: Loaded, minutes: Minutes, told: Sequence[Told], rev: int, now: datetime
) -> None:
    """Write down all of it. What is known already is not written twice."""
    _begin_steps(loaded, minutes.intents, rev, now)
    _end_steps(loaded, minutes.ends, rev)
    _write_lines(loaded, minutes.printed, told, rev, now)


def _begin_steps(loaded: Loaded, intents: Iterable[Intent], rev: int, now: datetime) -> None:
    rows = [
        Step(
            target_id=loaded.rows[intent.place].id,
            name=name,
            heading=intent.heading,
            attempt=intent.attempt,
            order=order,
            ticket=ticket,
            started_at=now if order == 0 else None,
            rev=rev,
        )
        for intent in intents
        for order, (name, ticket) in enumerate(intent.steps)
    ]
    insert_each(rows, unless_there=True)
    _show_steps(loaded, ((i.place, i.steps[0][0]) for i in intents if i.steps), rev)


def _end_steps(loaded: Loaded, ends: Sequence[StepEnd], rev: int) -> None:
    # One heard a second time, by a driver that took over, is written already.
    update_each(
        Step,
        (
            (
                {"ticket": end.ticket, "finished_at": None},
                {
                    "started_at": end.started_at,
                    "finished_at": end.finished_at,
                    "exit_code": end.exit_code,
                    "bytes_moved": end.bytes_moved,
                    "output": storable(end.output[-OUTPUT_KEPT:]),
                    "rev": rev,
                },
            )
            for end in ends
        ),
    )
    update_each(
        Step,
        (
            ({"ticket": end.following[1], "started_at": None}, {"started_at": end.finished_at})
            for end in ends
            if end.following
        ),
    )
    shown = ((end.place, end.following[0] if end.following else end.name) for end in ends)
    _show_steps(loaded, shown, rev)


def _show_steps(loaded: Loaded, steps: Iterable[tuple[str, str]], rev: int) -> None:
    last = dict(steps)  # the latest of each place
    update_each(
        Target,
        (
            ({"id": loaded.rows[place].id}, {"step": step, "rev": rev})
            for place, step in last.items()
        ),
    )


def _words(text: str | Sentence) -> dict[str, Any]:
    return {"sentence": text} if isinstance(text, Sentence) else {"text": storable(text)}


def _write_lines(
    loaded: Loaded, printed: Iterable[Line], told: Iterable[Told], rev: int, now: datetime
) -> None:
    rows = [
        LogLine(
            rollout_id=loaded.value.number,
            target_id=loaded.rows[line.place].id,
            step=line.step,
            level="output",
            **_words(line.text),
            at=line.at,
            rev=rev,
        )
        for line in printed
    ]
    rows += [
        LogLine(
            rollout_id=loaded.value.number,
            target_id=loaded.rows[each.place].id if each.place else None,
            level=each.level,
            sentence=each.sentence,
            at=now,
            rev=rev,
        )
        for each in told
    ]
    insert_each(rows)
