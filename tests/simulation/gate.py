"""Whether each mutant is killed within the number of seeds that is stated for it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.simulation.mutants import MUTANTS


@dataclass(frozen=True, slots=True)
class Death:
    """`seed`: the first that kills it; None: it survives its budget."""

    mutant: str
    seed: int | None
    words: str


def judge_mutant(name: str) -> Death:
    """Try a mutant in a process of its own, seed by seed, until an invariant is broken."""
    words = ["--mutant", name, "--seeds", str(MUTANTS[name].seeds), "--until-broken"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *words, "--cores", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return Death(name, None, "survives")
    last = done.stdout.strip().splitlines()[-1:] or done.stderr.strip().splitlines()[-1:]
    text = last[0] if last else ""
    if not text.startswith("seed "):
        raise RuntimeError(f"{name}: {done.stderr}")
    seed, _, words_of = text.removeprefix("seed ").partition(": ")
    return Death(name, int(seed), words_of)


def judge_mutants(only: str, cores: int) -> int:
    """Say of each mutant by which seed it is killed, and of what."""
    names = [name for name in MUTANTS if only in name]
    survivors = 0
    with ThreadPoolExecutor(cores) as pool:
        for death in pool.map(judge_mutant, names):
            seeds = "survives" if death.seed is None else str(death.seed + 1)
            budget = MUTANTS[death.mutant].seeds
            print(f"{death.mutant:34} {seeds:>9} of {budget:<6} {death.words[:90]}", flush=True)
            survivors += death.seed is None
    print(f"{len(names)} mutants, {survivors} survive")
    return int(bool(survivors))
