"""One reader per watched rollout; nobody misses anything, nobody hears anything twice."""

import asyncio
import contextlib
import json
import random
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError

from slipway.interfaces import live as module
from slipway.interfaces.live import Live, TooManyViewers

WITHIN = 10.0  # seconds


@dataclass
class Part:
    rollout: dict[str, Any]
    cells: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    rev: int


@dataclass
class Story:
    """A rollout that grows line by line, as the database would show it."""

    rev: int = 0
    state: str = "running"
    looks: int = 0
    broken: int = 0
    most_lines: int = 10**6
    lines: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, count: int = 1) -> None:
        with self.lock:
            for _ in range(count):
                self.rev += 1
                self.lines.append({"rev": self.rev, "text": f"line {self.rev}"})

    def end(self) -> None:
        with self.lock:
            self.rev += 1
            self.state = "succeeded"

    def look(self, _rollout_id: int, rev: int) -> Part:
        with self.lock:
            self.looks += 1
            if self.broken:
                self.broken -= 1
                raise OperationalError("the connection is closed")
            news = [line for line in self.lines if line["rev"] > rev]
            part = news[: self.most_lines]
            until = self.rev if len(part) == len(news) else part[-1]["rev"]
            return Part({"id": 7, "state": self.state, "rev": self.rev}, [], part, until)


class Bell:
    """Rings when the test says so."""

    def __init__(self) -> None:
        self.strokes: asyncio.Queue[int] = asyncio.Queue()

    def ring(self, rollout_id: int = 7) -> None:
        self.strokes.put_nowait(rollout_id)

    async def rings(self) -> AsyncIterator[int]:
        while True:
            yield await self.strokes.get()


@dataclass
class Watcher:
    """Somebody with a browser: keeps what arrived, and the last id."""

    live: Live
    name: str = "alice"
    last_id: int = -1
    seen: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    allowed: bool = True

    async def watch(self, messages: int = 10**6) -> None:
        """Listen until the stream ends, or hang up after some messages."""
        stream = self.live.watch(7, self.last_id, self.name, lambda: self.allowed)
        async with contextlib.aclosing(stream):  # type: ignore[type-var]
            async for message in stream:
                self.take(message.decode())
                messages -= message.startswith(b"id:")
                if messages <= 0:
                    return

    def take(self, message: str) -> None:
        fields = dict(line.split(": ", 1) for line in message.strip().splitlines())
        self.events.append(fields.get("event", "comment" if "" in fields else "retry"))
        if "id" in fields:
            self.last_id = int(fields["id"])
        if fields.get("event") == "delta":
            self.seen += [line["rev"] for line in json.loads(fields["data"])["lines"]]


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
async def bell() -> Bell:
    return Bell()


@pytest.fixture
async def live(story: Story, bell: Bell) -> AsyncIterator[Live]:
    made = Live(story.look, lambda: bell)
    yield made
    await made.close()


async def until(condition: Any) -> None:
    """Wait for a condition, up to a deadline."""
    async with asyncio.timeout(WITHIN):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_viewer_hears_the_story_and_its_end(live: Live, story: Story, bell: Bell) -> None:
    story.tell(3)
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.seen == [1, 2, 3])
    story.tell(2)
    bell.ring()
    await until(lambda: watcher.seen == [1, 2, 3, 4, 5])
    story.end()
    bell.ring()
    await asyncio.wait_for(task, WITHIN)
    assert watcher.events[-1] == "end"


async def test_a_hundred_viewers_cost_one_look(live: Live, story: Story, bell: Bell) -> None:
    story.tell()
    watchers = [Watcher(live, name=f"person {number}") for number in range(100)]
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    await until(lambda: all(watcher.seen == [1] for watcher in watchers))
    before = story.looks
    story.tell()
    bell.ring()
    await until(lambda: all(watcher.seen == [1, 2] for watcher in watchers))
    assert story.looks - before <= 2
    story.end()
    bell.ring()
    await asyncio.wait_for(asyncio.gather(*tasks), WITHIN)


async def test_who_comes_back_with_the_last_id_hears_what_was_missed(
    live: Live, story: Story, bell: Bell
) -> None:
    story.tell(5)
    watcher = Watcher(live)
    await asyncio.wait_for(watcher.watch(messages=1), WITHIN)
    story.tell(5)
    await asyncio.wait_for(watcher.watch(messages=1), WITHIN)
    assert watcher.seen == list(range(1, 11))


@pytest.mark.parametrize("seed", range(5))
async def test_whoever_comes_and_goes_hears_everything_once(
    live: Live, story: Story, bell: Bell, seed: int
) -> None:
    chance = random.Random(seed)
    watchers = [Watcher(live, name=f"person {number}") for number in range(8)]

    async def come_and_go(watcher: Watcher) -> None:
        while watcher.events[-1:] != ["end"]:
            await watcher.watch(messages=chance.randint(1, 4))

    tasks = [asyncio.create_task(come_and_go(watcher)) for watcher in watchers]
    for _ in range(40):
        story.tell(chance.randint(0, 3))
        story.broken = chance.choice((0, 0, 0, 1))
        bell.ring(chance.choice((0, 7)))
        await asyncio.sleep(chance.random() * 0.01)
    told = story.rev
    story.end()
    bell.ring()
    await asyncio.wait_for(asyncio.gather(*tasks), WITHIN)
    for watcher in watchers:
        assert watcher.seen == list(range(1, told + 1)), seed


async def test_a_long_story_comes_in_parts_and_ends_after_the_last(
    live: Live, story: Story
) -> None:
    story.most_lines = 10
    story.tell(95)
    story.end()
    watcher = Watcher(live)
    await asyncio.wait_for(watcher.watch(), WITHIN)
    assert watcher.seen == list(range(1, 96))
    assert watcher.events[-1] == "end"


async def test_a_database_that_is_away_for_a_moment_costs_nothing(
    live: Live, story: Story, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    story.tell()
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.seen == [1])
    story.broken = 5
    story.tell()
    bell.ring()
    await until(lambda: watcher.seen == [1, 2])
    story.end()
    await asyncio.wait_for(task, WITHIN)


async def test_a_bell_that_never_rings_only_makes_it_slower(
    live: Live, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UNASKED", 0.05)
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: "delta" in watcher.events)
    story.tell()
    await until(lambda: watcher.seen == [1])
    story.end()
    await asyncio.wait_for(task, WITHIN)


async def test_a_viewer_too_slow_is_sent_away_and_comes_back_without_a_gap(
    live: Live, story: Story, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BURST", 0)
    watcher = Watcher(live)
    stream = live.watch(7, -1, "alice", lambda: True)
    async with contextlib.aclosing(stream):  # type: ignore[type-var]
        await anext(stream)
        watcher.take((await anext(stream)).decode())
        for _ in range(module.WAITING + 2):
            before = story.looks
            story.tell()
            bell.ring()
            await until(lambda before=before: story.looks > before or not live._viewers)
        async for message in stream:
            watcher.take(message.decode())
    story.end()
    await asyncio.wait_for(watcher.watch(), WITHIN)
    assert watcher.seen == list(range(1, module.WAITING + 3))


async def test_silence_is_kept_alive_by_comments(
    live: Live, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.02)
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.events.count("comment") >= 3)
    story.end()
    await asyncio.wait_for(task, WITHIN)


async def test_who_may_no_longer_look_is_shown_nothing_more(
    live: Live, story: Story, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.02)
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: "delta" in watcher.events)
    watcher.allowed = False
    await asyncio.wait_for(task, WITHIN)
    assert watcher.events[-1] != "end"


async def test_one_person_cannot_take_all_the_room(live: Live, story: Story) -> None:
    watchers = [Watcher(live) for _ in range(module.PER_PERSON)]
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    await until(lambda: all("delta" in watcher.events for watcher in watchers))
    with pytest.raises(TooManyViewers):
        live.make_room("alice")
    live.make_room("bob")
    story.end()
    await asyncio.wait_for(asyncio.gather(*tasks), WITHIN)
    live.make_room("alice")


async def test_nothing_goes_on_when_nobody_watches(live: Live, story: Story, bell: Bell) -> None:
    await asyncio.wait_for(Watcher(live).watch(messages=1), WITHIN)
    await until(lambda: not live._viewers)
    looks = story.looks
    story.tell()
    bell.ring()
    await until(lambda: not live._tasks)
    assert (story.looks, live._listening) == (looks, None)
