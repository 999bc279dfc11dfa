"""Those who watch: kept alive, asked about again, sent away where they are too slow or too many."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from slipway.interfaces.live import live as module
from slipway.interfaces.live import viewers
from slipway.interfaces.live.live import Live, LivePauses, TooManyViewers
from slipway.records.rows.sentences import told
from tests.interfaces.stories import Bell, Story, Watcher

WITHIN = 10.0  # seconds


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
async def bell() -> Bell:
    return Bell()


@pytest.fixture
async def live(story: Story, bell: Bell, request: pytest.FixtureRequest) -> AsyncIterator[Live]:
    pauses = LivePauses(**getattr(request, "param", {}))
    made = Live(story.look, story.glance, lambda: bell, pauses)
    yield made
    await made.close()


async def until(condition: Any) -> None:
    """Wait for a condition, up to a deadline."""
    async with asyncio.timeout(WITHIN):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("live", [{"burst": 0.0}], indirect=True)
async def test_a_viewer_too_slow_is_sent_away_and_comes_back_without_a_gap(
    live: Live, story: Story, bell: Bell
) -> None:
    watcher = Watcher(live)
    stream = live.watch(7, -1, "alice", lambda: True)
    async with contextlib.aclosing(stream):  # type: ignore[type-var]
        await anext(stream)
        watcher.take((await anext(stream)).decode())
        for _ in range(viewers.WAITING + 2):
            before = story.looks
            story.tell()
            bell.ring()
            await until(lambda before=before: story.looks > before or not live._viewers)
        async for message in stream:
            watcher.take(message.decode())
    story.end()
    await asyncio.wait_for(watcher.watch(), WITHIN)
    assert watcher.seen == list(range(1, viewers.WAITING + 3))


impatient = pytest.mark.parametrize("live", [{"keep_alive": 0.1}], indirect=True)


@impatient
async def test_silence_is_kept_alive_by_comments(live: Live, story: Story) -> None:
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.events.count("comment") >= 3)
    story.end()
    await asyncio.wait_for(task, WITHIN)


@impatient
async def test_who_may_no_longer_look_is_shown_nothing_more(
    live: Live, story: Story, bell: Bell
) -> None:
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: "delta" in watcher.events)
    watcher.allowed = False
    await asyncio.wait_for(task, WITHIN)
    assert watcher.events[-1] != "end"


@impatient
async def test_who_has_many_boards_open_is_asked_about_once(live: Live, story: Story) -> None:
    asked: list[str] = []

    @dataclass(frozen=True)
    class MayStill:
        person: str

        def __call__(self) -> bool:
            asked.append(self.person)
            return self.person == "alice"

    async def listen(person: str) -> None:
        async for _ in live.watch(7, -1, person, MayStill(person)):
            pass

    people = ["alice", "bob"] * 5
    tasks = [asyncio.create_task(listen(person)) for person in people]
    await until(lambda: all(task.done() for task in tasks[1::2]))  # who may not is sent away
    assert sorted(asked[:2]) == ["alice", "bob"]
    assert asked.count("bob") == 1
    assert not any(task.done() for task in tasks[::2])
    story.end()
    await asyncio.wait_for(asyncio.gather(*tasks), WITHIN)


async def test_who_is_sent_away_hears_nothing_of_what_waits(live: Live) -> None:
    viewer = viewers.Viewer(7, -1, "alice", lambda: True, told)
    viewer.hand(b"secret")
    viewer.dismiss()
    viewer.hand(b"another")
    assert [await viewer.next()] == [None]
    assert viewer.waiting == []


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
