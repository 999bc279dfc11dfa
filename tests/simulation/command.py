"""What `bin/simulate` does: many histories, one that is told, mutants, the search."""

import argparse
import os
import time
from collections import Counter
from collections.abc import Sequence

from tests.simulation.gate import judge_mutants
from tests.simulation.history import live as live_in_the_brain
from tests.simulation.many import CHUNK, Verdict, judge_seeds
from tests.simulation.scenario import scenario
from tests.simulation.searching import search_small_worlds
from tests.simulation.shrinking import Live, shrink, story, what_breaks

MOST_TOLD = 3  # broken seeds that are shrunk and told


def main(words: Sequence[str]) -> int:
    given = _arguments().parse_args(words)
    live = real_level() if given.real else live_in_the_brain
    if given.one is not None:
        return _tell_one(given.one, live, whole=given.whole)
    if given.mutants:
        return judge_mutants(given.only, given.cores)
    if given.search:
        return search_small_worlds(given.seconds)
    return _judge_many(given, live)


def real_level() -> Live:
    """Return what lives through a history of the real level; it needs a database of its own."""
    from tests.simulation.real.database import make_database  # noqa: PLC0415 - the brain needs none

    make_database()
    from tests.simulation.real.history import live  # noqa: PLC0415 - Django has to be set up first

    return live


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/simulate",
        description="Histories of rollouts against a model of hosts, rows, workers and people, "
        "judged by invariants. Exit 0 when none is broken.",
    )
    add = parser.add_argument
    add("--seeds", type=int, default=1000, help="how many histories (1000)")
    add("--first", type=int, default=0, help="the first seed (0)")
    add("--real", action="store_true", help="the real controller and records; hosts in memory")
    add("--one", type=int, metavar="SEED", help="tell one history; one that breaks is shrunk")
    add("--whole", action="store_true", help="with --one: as it is, not shrunk")
    add("--mutant", metavar="NAME", default="", help="with one rule of the brain broken")
    add("--mutants", action="store_true", help="say in how many seeds each mutant is killed")
    add("--only", metavar="WORD", default="", help="with --mutants: those with it in their names")
    add("--search", action="store_true", help="search all interleavings of small worlds")
    add("--seconds", type=float, default=3600.0, help="with --search: for each world at most")
    add("--until-broken", action="store_true", help="end at the first broken invariant")
    add("--cores", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    return parser


def _judge_many(given: argparse.Namespace, live: Live) -> int:
    began, processor, count = time.monotonic(), 0.0, 0
    broken: list[Verdict] = []
    seeds = range(given.first, given.first + given.seeds)
    for verdict in judge_seeds(seeds, given.cores, live, chunk=1 if given.real else CHUNK):
        processor, count = processor + verdict.seconds, count + 1
        if verdict.name:
            broken.append(verdict)
            if given.until_broken:
                print(f"seed {verdict.seed}: {verdict.words}")
                return 1
    _tell_broken(sorted(broken, key=lambda verdict: verdict.seed), live)
    took = time.monotonic() - began
    print(
        f"{count} histories, {len(broken)} broken; {took:.0f} s, "
        f"{count / max(processor, 0.001):.3g} a second of one core"
    )
    return int(bool(broken))


def _tell_broken(broken: list[Verdict], live: Live) -> None:
    names = Counter(verdict.name for verdict in broken)
    for name, number in names.most_common():
        first = next(verdict for verdict in broken if verdict.name == name)
        seeds = [verdict.seed for verdict in broken if verdict.name == name][:8]
        print(f"{number:6}  {first.words}   seeds {seeds}")
    for name in list(names)[:MOST_TOLD]:
        first = next(verdict for verdict in broken if verdict.name == name)
        print(f"\n--- seed {first.seed}, shrunk")
        _tell_one(first.seed, live, whole=False)


def _tell_one(seed: int, live: Live, *, whole: bool) -> int:
    plan = scenario(seed)
    name = what_breaks(plan, live)
    if name and not whole:
        plan = shrink(plan, name, live)
    print("\n".join(story(plan, live)))
    return int(bool(name))
