"""Follows one chain on its host: what has ended, and what is printed while it runs."""

import asyncio
from contextlib import suppress

from slipway.adapters.ssh.answers import (
    Began,
    Ended,
    Event,
    Garbled,
    Over,
    Refusal,
    Stale,
    Story,
    as_text,
)
from slipway.adapters.ssh.calls import PIECE, Calls, ProgramMissing, give
from slipway.adapters.ssh.connections import Link
from slipway.adapters.ssh.errors import incapable, lost
from slipway.adapters.ssh.requests import chain_request
from slipway.core.refusal import Refused
from slipway.core.steps import Chain, Restart, RunHook, ScriptSupervisor, Start, Stop, Ticket
from slipway.ports import OnOutput, OnResult, StaleClaim, TicketResult


class Follower:
    """One `perform`, over as many connections as it takes. Each result is told once."""

    def __init__(
        self,
        calls: Calls,
        link: Link,
        chain: Chain,
        on_result: OnResult,
        on_output: OnOutput | None,
    ) -> None:
        self._calls = calls
        self._link = link
        self._chain = chain
        self._request = chain_request(chain)
        self._on_result = on_result
        self._on_output = on_output
        self._listening: asyncio.Task[None] | None = None
        self._heard: dict[str, int] = {}  # bytes of output told, by ticket
        self.results: dict[str, TicketResult] = {}
        self.events = 0

    async def follow(self) -> tuple[TicketResult, ...]:
        """Raises StaleClaim, HostIncapable, HostUnreachable; after the last, follow again."""
        try:
            await self._follow()
        except ProgramMissing:
            await self._calls.send_program(self._link)
            await self._follow()
        finally:
            self._stop_listening()
        return tuple(self.results[t.id] for t in self._chain.tickets if t.id in self.results)

    async def _follow(self) -> None:
        story = Story()
        async with self._link.long, self._calls.process(self._link, "chain") as process:
            give(process, self._request)
            while piece := await process.stdout.read(PIECE):
                try:
                    if any([self._take(event) for event in story.feed(piece)]):
                        return
                except Garbled as error:
                    raise self._incapable(f"it answered with something else: {error}") from error
            await self._calls.ended(self._link, process)
        # The runner was killed: asked again, the host says what became of it.
        raise lost(self._link.access)

    def _take(self, event: Event) -> bool:
        """Return whether it was the last one."""
        self.events += 1
        match event:
            case Began(ticket, runner):
                self._listen(ticket, runner)
            case Ended(result):
                self._tell(event, result)
            case Stale(epoch, sequence):
                raise StaleClaim(
                    "{host} has heard a later claim on {service} (epoch {epoch}, {sequence}).",
                    hint="Another worker has taken this over; nothing is to be done here.",
                    host=self._link.access.name,
                    service=self._chain.service,
                    epoch=epoch,
                    sequence=sequence,
                )
            case Refusal(_, sentence):
                raise self._incapable(sentence)
            case Over():
                return True
        return False

    def _incapable(self, sentence: str) -> Refused:
        return incapable(self._link.access, sentence)

    def _tell(self, event: Ended, result: TicketResult) -> None:
        self._stop_listening()
        if result.ticket in self.results:
            return
        self.results[result.ticket] = result
        if self._on_output is not None:
            heard = self._heard.get(result.ticket, 0)
            # What came while it ran was told; the rest of it is told now.
            missing = event.total - heard if event.total >= 0 else len(event.output)
            rest = event.output[-missing:] if missing > 0 else b""
            if rest:
                self._on_output(result.ticket, as_text(rest))
        self._on_result(result)

    def _listen(self, ticket_id: str, runner: str) -> None:
        ticket = next((t for t in self._chain.tickets if t.id == ticket_id), None)
        if self._on_output is None or ticket is None or not _prints(ticket):
            return
        self._stop_listening()
        if not self._link.long.locked():
            self._listening = asyncio.create_task(self._hear(self._on_output, ticket_id, runner))

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _hear(self, on_output: OnOutput, ticket: str, runner: str) -> None:
        """Tell output as it comes. It may fail at any time: the result has its end anyway."""
        skip = self._heard.get(ticket, 0)
        with suppress(Refused, ProgramMissing):
            async with (
                self._link.long,
                self._calls.process(self._link, "output", ticket, runner) as process,
            ):
                while piece := await process.stdout.read(PIECE):
                    fresh = piece[skip:]
                    skip = max(skip - len(piece), 0)
                    if fresh:
                        self._heard[ticket] = self._heard.get(ticket, 0) + len(fresh)
                        on_output(ticket, as_text(fresh))


def _prints(ticket: Ticket) -> bool:
    """Return whether something of the package runs in it."""
    match ticket.step:
        case RunHook():
            return True
        case Restart(ScriptSupervisor()) | Start(ScriptSupervisor()) | Stop(ScriptSupervisor()):
            return True
        case _:
            return False
