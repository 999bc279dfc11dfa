"""Follows one chain on its host: what has ended, and what is printed while it runs."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, suppress

from slipway.adapters.ssh.answers import (
    Began,
    Elsewhere,
    Ended,
    Event,
    Over,
    Refusal,
    Served,
    Stale,
    Story,
    as_text,
)
from slipway.adapters.ssh.bounds import Garbled
from slipway.adapters.ssh.calls import PIECE, Calls, give
from slipway.adapters.ssh.connections import Link
from slipway.adapters.ssh.errors import garbled, incapable, lost, stale
from slipway.adapters.ssh.program import ProgramMissing, request
from slipway.adapters.ssh.requests import chain_request
from slipway.core.refusal import Refused
from slipway.core.steps import (
    Chain,
    Restart,
    RunHook,
    ScriptSupervisor,
    Start,
    Stop,
    Ticket,
    Undrain,
)
from slipway.ports import OnOutput, OnResult, OnSeen, TicketResult

LISTEN_AFTER = 0.3  # seconds


class Follower:
    """One `perform`, over as many connections as it takes. Each result is told once."""

    def __init__(
        self,
        calls: Calls,
        link: Link,
        chain: Chain,
        on_result: OnResult,
        on_output: OnOutput | None,
        on_seen: OnSeen | None,
    ) -> None:
        self._calls = calls
        self._link = link
        self._chain = chain
        self._on_result = on_result
        self._on_output = on_output
        self._on_seen = on_seen
        self._listening: asyncio.Task[None] | None = None
        self._is_over = False
        self._heard: dict[str, int] = {}  # bytes of output told, by ticket
        self.results: dict[str, TicketResult] = {}
        self.events = 0

    async def follow(self) -> tuple[TicketResult, ...]:
        """Raises StaleClaim, HostIncapable, HostGarbled and HostUnreachable: after that, follow
        again."""
        try:
            await self._follow()
        except ProgramMissing:
            await self._calls.send_program(self._link)
            await self._follow()
        finally:
            self._stop_listening()
        return tuple(self.results[t.id] for t in self._chain.tickets if t.id in self.results)

    async def _follow(self) -> None:
        if await self._ask():
            return
        await self._join()

    async def _ask(self) -> bool:
        """Follow by a resident shell. Returns False where the story goes on elsewhere."""
        story, asked = self._story(), request("chain") + chain_request(self._chain)
        async with (
            self._link.long,
            self._calls.resident(self._link) as shell,
            aclosing(shell.ask(asked)) as pieces,
        ):
            async for piece in pieces:
                for event in self._events(story, piece):
                    if isinstance(event, Elsewhere):
                        return False
                    self._take(event)
        if not self._is_over:
            # The runner was killed: asked again, the host says what became of it.
            raise lost(self._link.access)
        return True

    async def _join(self) -> None:
        """Follow what runs already, over a channel of its own."""
        story = self._story()
        async with self._link.long, self._calls.process(self._link, "chain") as process:
            give(process, chain_request(self._chain))
            while not self._is_over and (piece := await process.stdout.read(PIECE)):
                for event in self._events(story, piece):
                    self._take(event)
            if not self._is_over:
                await self._calls.ended(self._link, process)
        if not self._is_over:
            raise lost(self._link.access)

    def _story(self) -> Story:
        return Story(tuple(ticket.id for ticket in self._chain.tickets), self._chain.instance)

    def _events(self, story: Story, piece: bytes) -> Iterator[Event]:
        try:
            yield from story.feed(piece)
        except Garbled as error:
            raise garbled(self._link.access, error) from error

    def _take(self, event: Event) -> None:
        self.events += 1
        match event:
            case Began(ticket, runner):
                self._listen(ticket, runner)
            case Ended(result):
                self._tell(event, result)
            case Stale():
                raise stale(self._link.access, self._chain.service, event)
            case Refusal(_, sentence):
                raise incapable(self._link.access, sentence)
            case Over(seen):
                self._is_over = True
                if seen is not None and self._on_seen is not None:
                    self._on_seen(seen.instance, seen.boot)
            case Elsewhere() | Served():
                pass

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
        self._listening = asyncio.create_task(self._hear(self._on_output, ticket_id, runner))

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _hear(self, on_output: OnOutput, ticket: str, runner: str) -> None:
        """Tell output as it comes. It may fail at any time: the result has its end anyway."""
        # What a quick step prints comes with its result: a channel only for that is not worth it.
        await asyncio.sleep(LISTEN_AFTER)
        if self._link.long.locked():
            return
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
        case RunHook() | Undrain():
            return True
        case Restart(ScriptSupervisor()) | Start(ScriptSupervisor()) | Stop(ScriptSupervisor()):
            return True
        case _:
            return False
