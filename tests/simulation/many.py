"""Many histories, spread over the cores."""

import gc
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.simulation.history import live as live_in_the_brain
from tests.simulation.invariants import Broken
from tests.simulation.scenario import scenario
from tests.simulation.shrinking import Live

CHUNK = 25  # seeds that a process takes at once


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one seed; `seconds` of processor time."""

    seed: int
    name: str  # of the invariant that it broke, or ""
    words: str
    seconds: float


def judge_seed(seed: int, live: Live = live_in_the_brain) -> Verdict:
    """Live through one history. An error of the brain's own breaks it, too."""
    began = time.process_time()
    name = words = ""
    try:
        live(scenario(seed))
    except Broken as broken:
        name, words = broken.name, str(broken)
    except Exception as error:
        name = words = f"{type(error).__name__}: {error}"
    return Verdict(seed, name, words, time.process_time() - began)


def judge_seeds(
    seeds: Iterable[int], cores: int, live: Live = live_in_the_brain, chunk: int = CHUNK
) -> Iterator[Verdict]:
    """Yield what became of each seed, as they come."""
    if cores < 2:
        yield from map(partial(judge_seed, live=live), seeds)
        return
    with multiprocessing.get_context("fork").Pool(cores, _collect_seldom) as pool:
        yield from pool.imap_unordered(partial(judge_seed, live=live), seeds, chunksize=chunk)


def _collect_seldom() -> None:
    """A history makes many values and few circles: looking for those takes a fifth of its time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
