"""How long a rollout still takes, from how long its hosts took before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heapify, heapreplace


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """`work` is what hosts and watching still take; how often it `waits` for a person is apart, as
    nobody knows how long that is. `earlier` is the number of rollouts that it is told from; of a
    plan, `batches` is how long each of them works."""

    work: timedelta
    waits: int
    earlier: int
    batches: tuple[timedelta, ...] = ()


def seconds_of_each(batches: Iterable[Sequence[float]], together: int) -> list[float]:
    """Return how long each batch takes, `together` hosts of it at a time, where each host takes the
    seconds that stand for it."""
    return [_of_one(hosts, max(together, 1)) for hosts in batches]


def _of_one(hosts: Sequence[float], together: int) -> float:
    ends = [0.0] * together
    heapify(ends)
    for seconds in hosts:  # the next one begins where one has ended
        heapreplace(ends, ends[0] + seconds)
    return max(ends)
