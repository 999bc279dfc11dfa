"""Follows one chain on its host: what has ended, and what is printed while it runs."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress

from slipway.adapters.ssh.answers.answers import (
    LONGEST_LINE,
    LONGEST_OUTPUT,
    Began,
    ChainOver,
    Elsewhere,
    Event,
    HostRefusal,
    Served,
    Stale,
    Story,
    TicketEnded,
    as_text,
)
from slipway.adapters.ssh.answers.bounds import NO_END, Garbled
from slipway.adapters.ssh.answers.refusals import sentence_of
from slipway.adapters.ssh.calls import PIECE, HostCalls, give
from slipway.adapters.ssh.connections.connections import Link
from slipway.adapters.ssh.connections.residents import Resident
from slipway.adapters.ssh.errors import garbled, incapable, lost, overdue, stale, stopped
from slipway.adapters.ssh.following.heartbeats import Heartbeat
from slipway.adapters.ssh.requests.program import ProgramMissing, request
from slipway.adapters.ssh.requests.requests import chain_request
from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import (
    Chain,
    Restart,
    RunHook,
    Start,
    Stop,
    Ticket,
    Undrain,
)
from slipway.core.words.refusal import Refused
from slipway.ports import OnOutput, OnResult, OnSeen

LISTEN_AFTER = 0.3  # seconds
LISTENED_SQUARED = 1000.0  # chains: nobody reads what many print at once, and each takes a channel
BESIDE_A_SECOND = 8.0  # looks, all chains together
BESIDE_WITHIN = 10.0  # seconds, for a look beside a chain that is silent
STOPPED = ("T", "t")  # states of a process, in /proc
GRACE = 60.0  # seconds that a chain may be silent beyond the time of its steps
NOISE = 64 * 1024  # bytes that a login script may print
MOST_OUTPUT = 64 * 2**20  # bytes of a step's output that are listened to


class Follower:
    """One `perform`, over as many connections as it takes. Each result is told once."""

    def __init__(
        self,
        calls: HostCalls,
        link: Link,
        chain: Chain,
        on_result: OnResult,
        on_output: OnOutput | None,
        on_seen: OnSeen | None,
        beat: float,
        most: int = MOST_OUTPUT,
        crowd: Callable[[], int] = lambda: 1,
    ) -> None:
        self._calls = calls
        self._link = link
        self._chain = chain
        self._on_result = on_result
        self._on_output = on_output
        self._on_seen = on_seen
        self._listening: asyncio.Task[None] | None = None
        self._is_over = False
        self._budget = 0  # bytes that the host may still say
        self._most = most  # bytes that are told of one step's output
        self._heard: dict[str, int] = {}  # bytes of output told, by ticket
        self._beat = beat
        self._crowd = crowd  # how many chains are followed now
        self._heartbeat: Heartbeat | None = None
        self._shell: Resident | None = None
        self._runner = 0  # its number on the host, 0 while it is not known
        self.results: dict[str, TicketResult] = {}
        self.news = 0  # what was not heard before: told again and again, it is no progress
        self._begun: set[str] = set()
        self.sent = False  # whether anything of the chain may have left us

    async def follow(self) -> tuple[TicketResult, ...]:
        """Raises StaleClaim, HostIncapable, HostGarbled and HostUnreachable: after that, follow
        again."""
        try:
            async with asyncio.timeout(None) as limit:
                self._heartbeat = Heartbeat(limit, self._look_beside, self._look_beside_every)
                await self._follow_sent()
        except TimeoutError:
            if self._heartbeat is None or self._heartbeat.problem is None:
                raise
            raise self._heartbeat.problem from None
        finally:
            if self._heartbeat is not None:
                self._heartbeat.stop()
            self._stop_listening()
        return tuple(self.results[t.id] for t in self._chain.tickets if t.id in self.results)

    async def _follow_sent(self) -> None:
        was_sent = self.sent
        try:
            await self._follow()
        except ProgramMissing:
            self.sent = was_sent  # nobody was there to read it
            await self._calls.send_program(self._link)
            await self._follow()

    async def _follow(self) -> None:
        if await self._ask():
            return
        await self._join()

    async def _ask(self) -> bool:
        """Follow by a resident shell. Returns False where the story goes on elsewhere."""
        story, asked = self._story(), request("chain") + chain_request(self._chain)
        async with (
            self._link.long,
            self._calls.resident(self._link) as self._shell,
            aclosing(self._shell.ask(asked)) as pieces,
        ):
            self._begin_hearing()
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
            self._begin_hearing()
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

    def _begin_hearing(self) -> None:
        """From here on it is for the host to say what became of it."""
        self.sent = True
        self._budget = NOISE + (LONGEST_LINE + LONGEST_OUTPUT) * (len(self._chain.tickets) + 1)
        if self._heartbeat is not None:
            self._heartbeat.heard()

    def _look_beside_every(self) -> float:
        return max(self._beat, self._crowd() / BESIDE_A_SECOND)

    async def _look_beside(self, silence: float) -> None:
        """Raises HostUnreachable where nobody works on the chain any more."""
        if not self.sent:
            return  # all that comes before has its own bounds
        longest = sum(ticket.timeout.total_seconds() for ticket in self._chain.tickets) + GRACE
        if silence > longest:
            raise overdue(self._link.access, silence)
        shell = self._shell.process if self._shell is not None else None
        # A runner goes on without the shell that began it.
        process = self._runner or shell or 0
        states = await self._calls.look_at(self._link, (process,), BESIDE_WITHIN)
        if states.get(process) in STOPPED:
            raise stopped(self._link.access, process)

    def _events(self, story: Story, piece: bytes) -> Iterator[Event]:
        if self._heartbeat is not None:
            self._heartbeat.heard()
        self._budget -= len(piece)
        if self._budget < 0:
            raise garbled(self._link.access, Garbled(NO_END))
        try:
            yield from story.feed(piece)
        except Garbled as error:
            raise garbled(self._link.access, error) from error

    def _take(self, event: Event) -> None:
        match event:
            case Began(ticket, runner):
                self._begin(ticket, runner)
            case TicketEnded(result):
                self._tell(event, result)
            case Stale():
                raise stale(self._link.access, self._chain.service, event)
            case HostRefusal(kind, words):
                raise incapable(self._link.access, sentence_of(kind, words))
            case ChainOver(seen):
                self._is_over = True
                if seen is not None and self._on_seen is not None:
                    self._on_seen(seen.instance, seen.boot)
            case Elsewhere() | Served():
                pass

    def _begin(self, ticket: str, runner: str) -> None:
        if ticket not in self._begun:
            self._begun.add(ticket)
            self.news += 1
        self._runner = int(runner) if runner.isdecimal() else 0
        self._listen(ticket, runner)

    def _tell(self, event: TicketEnded, result: TicketResult) -> None:
        self._stop_listening()
        if result.ticket in self.results:
            return
        self.results[result.ticket] = result
        self.news += 1
        heard = self._heard.get(result.ticket, 0)
        if self._on_output is not None and heard < self._most:
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
        if self._heard.get(ticket_id, 0) >= self._most:
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
        await asyncio.sleep(max(LISTEN_AFTER, self._crowd() ** 2 / LISTENED_SQUARED))
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
                    if fresh and not self._relay(on_output, ticket, fresh):
                        return  # nobody reads on: the step does, and its result has its end

    def _relay(self, on_output: OnOutput, ticket: str, fresh: bytes) -> bool:
        """Tell what a step printed, up to a bound; returns whether there may be more."""
        heard = self._heard.get(ticket, 0)
        some = fresh[: self._most - heard]
        self._heard[ticket] = heard + len(some)
        if some:
            on_output(ticket, as_text(some))
        if len(some) == len(fresh):
            return True
        on_output(ticket, f"\n[… more than {self._most} bytes: of the rest the end is kept …]\n")
        return False


def _prints(ticket: Ticket) -> bool:
    """Return whether something of the package runs in it."""
    match ticket.step:
        case RunHook() | Undrain():
            return True
        case Restart(supervisor) | Start(supervisor) | Stop(supervisor):
            return bool(supervisor.scripts)
        case _:
            return False
