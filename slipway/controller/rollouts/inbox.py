"""What a driver has heard and not yet decided on."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.told.host_words import sentence_of_line
from slipway.core.rollout.value.events import Answered, Event, Lost
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.run.writing.minutes import Line, Minutes, StepEnd

LINES_A_STEP = 2_000  # the host keeps the rest; nobody reads a million lines on a board
LONGEST_LINE = 4_000  # characters
_MORE = Sentence.of(
    "more_lines",
    "It printed more than {most} lines: of the others the end is kept, with the step.",
    most=LINES_A_STEP,
)


class Inbox:
    """Collects events, ends of steps and printed lines until the next beat takes them."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._events: list[Event] = []
        self._places: set[str] = set()  # that these are about
        self.minutes = Minutes()
        self._lines: dict[str, int] = {}
        self.news = asyncio.Event()
        self.pressing = asyncio.Event()  # what is not as hoped for
        self.last = asyncio.Event()  # of what was in hand: nothing more is to come

    def add(self, event: Answered | Lost) -> None:
        self._events.append(event)
        self._places.add(event.place)
        if not _is_good(event):
            self.pressing.set()
        self.news.set()

    def nothing_in_hand(self) -> None:
        """Hear that the last chain under way has ended."""
        self.pressing.set()
        self.last.set()

    def has_heard_of(self, place: str) -> bool:
        """Whether a place has answered what nobody has decided on yet."""
        return place in self._places

    def step_ended(self, end: StepEnd) -> None:
        self.minutes.ends.append(end)
        self.news.set()

    def printed(self, place: str, ticket: str, step: str, text: str) -> None:
        """Add what a host printed, up to a bound per step; what our program says there, as
        sentences."""
        for line in text.splitlines():
            said = self._lines[ticket] = self._lines.get(ticket, 0) + 1
            if said <= LINES_A_STEP + 1:
                ours = _MORE if said > LINES_A_STEP else sentence_of_line(line)
                kept = ours or line[:LONGEST_LINE]
                self.minutes.printed.append(Line(place, step, kept, self._now()))

    def take(self) -> list[Event]:
        events = self._events
        self.drop()
        for each in (self.news, self.pressing, self.last):
            each.clear()
        return events

    def take_minutes(self) -> Minutes:
        minutes, self.minutes = self.minutes, Minutes()
        return minutes

    def drop(self) -> None:
        """Answers to questions from before a gap are from before the gap."""
        self._events, self._places = [], set()


def _is_good(event: Answered | Lost) -> bool:
    if isinstance(event, Lost) or not event.look.serves:
        return False
    report = event.look.report
    return report is None or report.outcome is Outcome.DONE
