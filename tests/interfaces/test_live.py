"""One reader per watched rollout; nobody misses anything, nobody hears anything twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db import ProgrammingError

from slipway.core.words.sentence import Sentence
from slipway.interfaces.live.live import Live, LivePauses
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


@pytest.mark.parametrize("live", [{"burst": 10 * WITHIN}], indirect=True)
async def test_the_end_is_told_at_once(live: Live, story: Story, bell: Bell) -> None:
    story.tell()
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.seen == [1])
    story.tell()
    bell.ring()
    story.end()
    bell.ring()
    await asyncio.wait_for(task, WITHIN)
    assert watcher.seen == [1, 2]
    assert watcher.events[-1] == "end"


async def test_a_bell_that_rings_for_something_else_costs_no_look(
    live: Live, story: Story, bell: Bell
) -> None:
    story.tell()
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: watcher.seen == [1])
    before, glances = story.looks, story.glances
    bell.ring(0)
    await until(lambda: story.glances > glances)
    story.end()
    bell.ring()
    await asyncio.wait_for(task, WITHIN)
    assert story.looks - before == 1


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


async def test_two_languages_cost_one_look_and_each_reads_its_own(
    live: Live, story: Story, bell: Bell
) -> None:
    def loudly(
        name: str, sentence: Sentence | None, text: str = "", *, hint: str = ""
    ) -> dict[str, Any]:
        return {name: str(sentence or text).upper()}

    story.tell()
    watchers = [Watcher(live, tell=tell) for tell in (told, loudly) * 5]
    tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    await until(lambda: all(watcher.seen == [1] for watcher in watchers))
    before = story.looks
    story.tell()
    bell.ring()
    await until(lambda: all(watcher.seen == [1, 2] for watcher in watchers))
    assert story.looks - before <= 2
    assert [watcher.said[-1] for watcher in watchers[:2]] == ["it is running", "IT IS RUNNING"]
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


@pytest.mark.parametrize("live", [{"retry": 0.01}], indirect=True)
async def test_a_database_that_is_away_for_a_moment_costs_nothing(
    live: Live, story: Story, bell: Bell
) -> None:
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


async def test_an_error_of_ours_is_no_database_that_is_away(
    live: Live, story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story.broken, story.trouble = 10**6, ProgrammingError("a mistake of ours")
    watcher = Watcher(live)
    await asyncio.wait_for(watcher.watch(), WITHIN)
    assert story.looks == 1
    assert [each.exc_info is not None for each in caplog.records] == [True]


@pytest.mark.parametrize("live", [{"unasked": 0.05}], indirect=True)
async def test_a_bell_that_never_rings_only_makes_it_slower(live: Live, story: Story) -> None:
    watcher = Watcher(live)
    task = asyncio.create_task(watcher.watch())
    await until(lambda: "delta" in watcher.events)
    story.tell()
    await until(lambda: watcher.seen == [1])
    story.end()
    await asyncio.wait_for(task, WITHIN)


async def test_nothing_goes_on_when_nobody_watches(live: Live, story: Story, bell: Bell) -> None:
    await asyncio.wait_for(Watcher(live).watch(messages=1), WITHIN)
    await until(lambda: not live._viewers)
    looks = story.looks
    story.tell()
    bell.ring()
    await until(lambda: not live._tasks)
    assert (story.looks, live._common) == (looks, [])
