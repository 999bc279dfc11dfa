"""The story of a rollout, told line by line into its log."""

import asyncio
import re
from collections.abc import Callable

from slipway.controller.ledger import Ledger
from slipway.core.sentence import Sentence
from slipway.records.rollouts.progress import Line

FLUSH_EVERY = 0.25  # seconds
LINES_A_STEP = 2_000  # the host keeps the rest; nobody reads a million lines on a board
LONGEST_LINE = 4_000  # characters
_MORE = Sentence.of("more_output", "… more output is kept with the step")
_BREAKS = re.compile(r"\r\n|\n|\r")


class Narration:
    """Collects lines and writes them in batches, in the order they were said."""

    def __init__(self, ledger: Ledger, write: Callable[[list[Line]], None]) -> None:
        self._ledger = ledger
        self._write = write
        self._lines: list[Line] = []
        self._counts: dict[str, int] = {}
        self._flusher: asyncio.Task[None] | None = None

    def say(
        self,
        said: Sentence | str,
        *,
        level: str = "info",
        target_id: int | None = None,
        step: str = "",
    ) -> None:
        """Add a line, of ours or of a host; it is written within a quarter of a second."""
        self._lines.append(Line(said, level, target_id, step))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon())

    def output(self, ticket: str, text: str, *, target_id: int, step: str) -> None:
        """Add what a host printed, up to a bound per step."""
        for line in _BREAKS.split(text.rstrip("\r\n")):
            said = self._counts[ticket] = self._counts.get(ticket, 0) + 1
            if said <= LINES_A_STEP:
                self.say(line[:LONGEST_LINE], level="output", target_id=target_id, step=step)
            elif said == LINES_A_STEP + 1:
                self.say(_MORE, target_id=target_id, step=step)

    async def flush(self) -> None:
        """Write down everything that was said. Raises LeaseLost."""
        if self._lines:
            lines, self._lines = self._lines, []
            await self._ledger.write(lambda: self._write(lines))

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_EVERY)
        await self.flush()
