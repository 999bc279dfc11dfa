"""Live state: one reader per watched rollout, which hands the same bytes to all of one language."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error as DatabaseTrouble

from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.refusal import Refused
from slipway.interfaces.live.at_once import SendNow
from slipway.interfaces.live.doorbells import EVERY_ROLLOUT, Doorbell
from slipway.interfaces.live.viewers import MayStill, Viewer, tend
from slipway.interfaces.sentences import whole
from slipway.records.rollouts.ask.queries import Glance
from slipway.records.rows.database.outages import is_away
from slipway.records.rows.database.threads import DatabaseThreads
from slipway.records.rows.sentences import Tell, told

T = TypeVar("T")
LOG = logging.getLogger("slipway.live")

PER_PERSON = 20
ALTOGETHER = 3000


class TooManyViewers(Refused):
    """No room for one more stream (HTTP 429)."""

    code = "too_many_viewers"


class TellableDelta(Protocol):
    """What changed in a rollout after a revision, up to `rev`."""

    @property
    def state(self) -> str: ...
    @property
    def rev(self) -> int: ...
    @property
    def whole_rev(self) -> int: ...
    def told(self, tell: Tell) -> dict[str, Any]: ...


Look = Callable[[int, int], TellableDelta]
GlanceAt = Callable[[int], Glance]


@dataclass(frozen=True, slots=True)
class LivePauses:
    """In seconds: from one look to the next, so that more of the same comes in one; until a
    database that was away is asked again; between looks that no bell asked for; and of silence
    before a comment, and between two looks at the permission."""

    burst: float = 0.1
    retry: float = 0.5
    unasked: float = 2.0
    keep_alive: float = 15.0


class Live:
    """All that is watched in one process and event loop. `look` and `glance`, which costs
    nearly nothing, read the database."""

    def __init__(
        self, look: Look, glance: GlanceAt, bell: Callable[[], Doorbell], pauses: LivePauses
    ) -> None:
        self._look = look
        self._glance = glance
        self._bell = bell
        self._pauses = pauses
        self._threads: DatabaseThreads | None = None  # as long as somebody looks
        self._viewers: dict[int, list[Viewer]] = {}
        self._wakes: dict[int, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._common: list[asyncio.Task[None]] = []  # as long as somebody looks
        self._people: Counter[str] = Counter()

    def make_room(self, person: str) -> None:
        """Raise TooManyViewers when `person`, or everybody together, has enough streams."""
        if self._people[person] >= PER_PERSON or self._people.total() >= ALTOGETHER:
            raise TooManyViewers(
                "Too many live views are open.", hint="Close some, or ask again in a while."
            )

    async def watch(
        self,
        rollout_id: int,
        after: int,
        person: str,
        may_still: MayStill,
        tell: Tell = told,
        send_now: SendNow | None = None,
    ) -> AsyncIterator[bytes]:
        """Yield server-sent events from revision `after` on, until the rollout is over, or until
        they may no longer look: that is asked again and again. What `send_now` takes from whoever
        waits for the next one is not yielded."""
        viewer = Viewer(rollout_id, after, person, may_still, tell, send_now)
        self._enter(viewer)
        try:
            yield b"retry: 1000\n\n"
            while (message := await viewer.next()) is not None:
                yield message
        finally:
            self._leave(viewer)

    async def close(self) -> None:
        """End all streams and tasks."""
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.hand(None)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._rest()

    def _enter(self, viewer: Viewer) -> None:
        self._people[viewer.person] += 1
        if viewer.rollout_id not in self._viewers:
            self._viewers[viewer.rollout_id] = []
            self._wakes[viewer.rollout_id] = asyncio.Event()
            self._begin(self._attend(viewer.rollout_id))
        self._viewers[viewer.rollout_id].append(viewer)
        self._wakes[viewer.rollout_id].set()
        if not any(not task.done() for task in self._common):
            self._common = [
                self._begin(self._listen()),
                self._begin(tend(self._everybody, self._read, self._pauses.keep_alive)),
            ]

    def _everybody(self) -> list[Viewer]:
        return [viewer for viewers in self._viewers.values() for viewer in viewers]

    def _leave(self, viewer: Viewer) -> None:
        self._people[viewer.person] -= 1
        self._people += Counter()  # drops those with nothing open
        watched = self._viewers.get(viewer.rollout_id, [])
        if viewer in watched:
            watched.remove(viewer)
        if viewer.rollout_id in self._wakes:
            self._wakes[viewer.rollout_id].set()
        elif not self._viewers:
            self._rest()

    def _begin(self, work: Any) -> "asyncio.Task[None]":
        # An empty context: a request's own threads and connections end with that request.
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _listen(self) -> None:
        async for rollout_id in self._bell().rings():
            for watched, wake in self._wakes.items():
                if rollout_id in (watched, EVERY_ROLLOUT):
                    wake.set()

    async def _attend(self, rollout_id: int) -> None:
        """Read for everybody who watches the rollout, as long as somebody does."""
        try:
            while self._viewers[rollout_id]:
                await self._look_once(rollout_id, self._wakes[rollout_id])
        except Exception:
            LOG.exception("live state of rollout %s broke", rollout_id)
        finally:
            del self._wakes[rollout_id]
            for viewer in self._viewers.pop(rollout_id):
                viewer.hand(None)
            if not self._viewers:
                self._rest()

    def _rest(self) -> None:
        """Nobody looks: hold nothing open."""
        for task in self._common:
            task.cancel()
        self._common = []
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.end(wait=False)

    async def _look_once(self, rollout_id: int, wake: asyncio.Event) -> None:
        wake.clear()
        next_at = asyncio.get_running_loop().time() + self._pauses.burst
        try:
            if await self._catch_up(rollout_id):
                await self._await_news(rollout_id, wake, next_at)
        except DatabaseTrouble as error:
            if not is_away(error):
                raise  # else: nothing was handed out, so nothing is lost
            LOG.warning("live state of rollout %s cannot be read now: %s", rollout_id, error)
            await asyncio.sleep(self._pauses.retry)

    async def _await_news(self, rollout_id: int, wake: asyncio.Event, next_at: float) -> None:
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), self._pauses.unasked)
            # What comes after a silence is told at once, and so is the end.
            while (left := next_at - loop.time()) > 0:
                if (await self._read(partial(self._glance, rollout_id))).is_over:
                    return
                wake.clear()
                await asyncio.wait_for(wake.wait(), left)

    async def _catch_up(self, rollout_id: int) -> bool:
        """Hand everybody what is new; return whether that was all."""
        is_all = True
        if await self._has_nothing_new(rollout_id):
            return True
        # Almost always all have seen the same; only newcomers are elsewhere for one round.
        for rev, group in groupby(sorted(self._viewers[rollout_id], key=_rev_of), key=_rev_of):
            viewers = list(group)
            delta = await self._read(partial(self._look, rollout_id, rev))
            is_all = is_all and delta.rev >= delta.whole_rev
            # Read once, and told once in each language.
            messages = {tell: _message(delta, tell) for tell in {each.tell for each in viewers}}
            for viewer in viewers:
                self._hand(viewer, delta, messages[viewer.tell])
        return is_all

    async def _has_nothing_new(self, rollout_id: int) -> bool:
        """Whether the bell rang for something else: all that is written anywhere rings it."""
        viewers = self._viewers[rollout_id]
        if any(each.is_new for each in viewers):
            return False
        rev = (await self._read(partial(self._glance, rollout_id))).rev
        return all(each.rev == rev and not each.is_new for each in viewers)

    def _hand(self, viewer: Viewer, delta: TellableDelta, message: bytes) -> None:
        # A long story comes in parts: the end is told after the last of them.
        is_whole = delta.rev >= delta.whole_rev
        is_over = is_whole and RolloutStatus(delta.state).is_over
        is_same = delta.rev == viewer.rev and not viewer.is_new
        viewer.is_new = False
        viewer.rev = delta.rev
        stays = is_same or viewer.hand(message)
        if stays and is_over:
            viewer.hand(_end(delta))
            viewer.hand(None)
        watched = self._viewers[viewer.rollout_id]
        if (is_over or not stays) and viewer in watched:
            watched.remove(viewer)

    async def _read(self, question: Callable[[], T]) -> T:
        if self._threads is None:
            self._threads = DatabaseThreads(4, "live")
        return await self._threads.run(question)


_rev_of = attrgetter("rev")
IN_LIFE = LivePauses()
_LIVES: "WeakKeyDictionary[asyncio.AbstractEventLoop, Live]" = WeakKeyDictionary()


def live(
    look: Look, glance: GlanceAt, bell: Callable[[], Doorbell], pauses: LivePauses = IN_LIFE
) -> Live:
    """Return the one Live of this event loop, made on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _LIVES:
        _LIVES[loop] = Live(look, glance, bell, pauses)
    return _LIVES[loop]


def _message(delta: TellableDelta, tell: Tell) -> bytes:
    text = json.dumps(
        whole(delta.told, tell), cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")
    )
    return f"id: {delta.rev}\nevent: delta\ndata: {text}\n\n".encode()


def _end(delta: TellableDelta) -> bytes:
    text = json.dumps({"state": delta.state})
    return f"id: {delta.rev}\nevent: end\ndata: {text}\n\n".encode()
