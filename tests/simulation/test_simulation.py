"""Histories of rollouts: whatever goes wrong, no sentence of what the words mean is broken."""

from pathlib import Path

import pytest

from tests.simulation.gate import judge_mutant
from tests.simulation.history import live
from tests.simulation.invariants import Broken
from tests.simulation.kinds import Kind
from tests.simulation.mutants import MUTANTS
from tests.simulation.scenario import Scenario, scenario
from tests.simulation.search import Budget, search, small_world
from tests.simulation.shrinking import shrink, story, what_breaks

HERE = Path(__file__).parent
ROOM = HERE.parents[1] / "slipway" / "core" / "rollout"
SEEDS = 300
KEPT = [
    int(line.split()[0])
    for line in (HERE / "seeds.txt").read_text().splitlines()
    if not line.startswith("#")
]
# Killed within a few histories, each by another invariant.
FAST = [name for name, mutant in MUTANTS.items() if mutant.seeds <= 30][:10]


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_no_history_breaks_an_invariant(first: int) -> None:
    for seed in range(first, first + 50):
        live(scenario(seed))


@pytest.mark.parametrize("seed", KEPT)
def test_what_once_was_broken_holds(seed: int) -> None:
    live(scenario(seed))


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(scenario(5)) == story(scenario(5))


def test_an_act_that_is_left_out_changes_no_other() -> None:
    plan = scenario(5)
    shorter = plan.without(frozenset({plan.acts[-1].number}))
    told, less = story(plan), story(shorter)
    same = next((n for n, lines in enumerate(zip(told, less, strict=False)) if len(set(lines)) > 1))
    assert f"{plan.acts[-1].tick:4}  " <= told[same][:6]


@pytest.mark.parametrize("name", FAST)
def test_a_broken_rule_is_noticed(name: str) -> None:
    assert judge_mutant(name).seed is not None


def test_every_mutant_breaks_one_place_of_the_brain() -> None:
    for name, mutant in MUTANTS.items():
        source = ROOM.joinpath(*mutant.module.split(".")).with_suffix(".py").read_text()
        assert source.count(mutant.old) == 1, name
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("kind", [Kind.GOOD, Kind.EXITS])
def test_no_interleaving_of_a_small_world_breaks_an_invariant(kind: Kind) -> None:
    found = search(small_world(kind), Budget(), seconds=60.0)
    assert found.words == ""
    assert found.is_whole


def test_a_history_that_breaks_something_is_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = scenario(5)
    guilty = plan.acts[len(plan.acts) // 2].number

    def breaks(shorter: Scenario, live: object) -> str:
        return "it" if any(act.number == guilty for act in shorter.acts) else ""

    monkeypatch.setattr("tests.simulation.shrinking.what_breaks", breaks)
    assert [act.number for act in shrink(plan, "it").acts] == [guilty]


def test_a_history_that_breaks_nothing_says_so() -> None:
    assert what_breaks(scenario(5)) == ""


def test_what_is_broken_is_told_by_its_name() -> None:
    assert Broken("I1 room", "a@h1").name == "I1 room"
