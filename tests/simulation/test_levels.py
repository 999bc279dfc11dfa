"""The real controller and records: they break no invariant, and end as the brain says.

In processes of their own: their database is in memory, and their time is not real.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from tests.simulation.plain import plain, tell_in_the_brain
from tests.simulation.real.loop import Stuck, VirtualLoop

SEEDS = 12
PLAIN = 12


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_no_history_of_the_real_level_breaks_an_invariant() -> None:
    run("tests.simulation", "--real", "--seeds", str(SEEDS), "--cores", "1")


def test_the_same_seed_is_the_same_history() -> None:
    words = ("tests.simulation", "--real", "--one", "5", "--whole")
    assert run(*words) == run(*words)


def test_both_levels_tell_plain_stories_alike() -> None:
    lines = run("tests.simulation.real", "0", str(PLAIN)).splitlines()
    assert len(lines) == PLAIN
    for seed, line in enumerate(lines):
        story = plain(seed)
        told = json.loads(json.dumps(asdict(tell_in_the_brain(story))))
        assert json.loads(line) == told, f"seed {seed}: {story}"


def test_an_hour_takes_no_time() -> None:
    began = time.monotonic()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        before = loop.time()
        runner.run(asyncio.sleep(3600))
        assert loop.time() - before == pytest.approx(3600, abs=0.001)
    assert time.monotonic() - began < 60


def test_who_waits_for_nothing_is_told() -> None:
    with (
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
        pytest.raises(Stuck),
    ):
        runner.run(_wait_for_nothing())


async def _wait_for_nothing() -> None:
    await asyncio.get_running_loop().create_future()
