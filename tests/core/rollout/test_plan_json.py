"""A plan is a value: written as JSON and read back, it is the same; nothing else is a plan."""

import hashlib
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.rollout.plans.as_json import plan_as_json, plan_from_json
from slipway.core.rollout.plans.hashing import plan_hash
from slipway.core.rollout.plans.plan import (
    FORMAT,
    Plan,
    PlannedHost,
    PlannedPlace,
    PlannedRelease,
    key_of,
)
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.spec.values import HealthCheck, ReleaseSpec
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.core.words.refusal import Invalid
from tests.core.spec.test_spec import specs

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
releases = st.builds(Release, texts, st.sampled_from(["", "a" * 32, "b" * 32]))
seconds = st.floats(0, 1e6) | st.integers(0, 9).map(float)
planned = st.builds(
    Planned,
    place=texts,
    origin=releases,
    goal=releases,
    back=st.none() | releases,
    next_back=st.none() | releases,
    batch=st.integers(0, 99),
    up=st.booleans(),
    was_up=st.booleans(),
    was_well=st.booleans(),
    is_new=st.booleans(),
    anew=st.booleans(),
    orders=texts,
    deadline=seconds,
)
places = st.builds(
    PlannedPlace,
    planned,
    texts,
    st.integers(0, 65535),
    st.integers(0, 1000),
    texts,
    seconds,
)
policies = st.builds(
    Policy,
    allowed_away=st.integers(1, 9),
    failures=st.integers(0, 9),
    canary_failures=st.integers(0, 9),
    left_out=st.integers(0, 9),
    bake=seconds,
    watch=seconds,
    patience=seconds,
    attempts=st.integers(1, 3),
    needs_promotion=st.booleans(),
    goes_back=st.booleans(),
    none_serves_is_known=st.booleans(),
    is_way_back=st.booleans(),
)
hosts = st.builds(
    PlannedHost,
    texts,
    texts,
    st.integers(1, 65535),
    texts,
    texts,
    st.sampled_from(["none", "sudo"]),
    texts,
    texts,
    st.lists(texts, max_size=2).map(tuple),
)
packages = st.builds(
    PackageRef, texts, st.integers(0, 2**50), st.sampled_from(PackageFormat), texts, st.integers(0)
)
plans = st.builds(
    Plan,
    kind=st.sampled_from(RolloutKind),
    service=texts,
    environment=texts,
    version=texts,
    batches=texts,
    policy=policies,
    places=st.lists(places, max_size=3).map(tuple),
    hosts=st.dictionaries(texts, hosts, max_size=2),
    releases=st.dictionaries(
        texts, st.builds(PlannedRelease, releases, specs, st.none() | packages), max_size=2
    ),
    deadline=seconds,
)

PLAN = Plan(
    kind=RolloutKind.UPGRADE,
    service="billing",
    environment="prod",
    version="1.1",
    batches="1 100%",
    policy=Policy(),
    places=(PlannedPlace(Planned("web-1:8080", goal=Release("1.1", "f")), "web-1", 8080),),
    hosts={"web-1": PlannedHost("web-1", "10.0.0.1", 22, "app", "/opt", "none", "ssh", "main")},
    releases={
        "f": PlannedRelease(Release("1.1", "f"), ReleaseSpec(run=("./b",), health=HealthCheck()))
    },
)


@given(plans)
def test_what_is_written_is_read_back_as_the_same_plan(plan: Plan) -> None:
    assert plan_from_json(plan_as_json(plan)) == plan


@given(plans)
def test_the_hash_outlives_the_database(plan: Plan) -> None:
    kept = json.loads(json.dumps(plan_as_json(plan)))
    assert plan_hash(plan) == _hash_of_json(kept)
    assert plan_hash(plan_from_json(kept)) == _hash_of_json(kept)


def _hash_of_json(kept: object) -> str:
    """What anybody makes of a plan that is kept, in whatever language."""
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@given(plans, plans)
def test_two_plans_have_one_hash_only_when_they_are_the_same(one: Plan, other: Plan) -> None:
    same_hash = plan_hash(one) == plan_hash(other)
    assert same_hash == (one == other)


@pytest.mark.parametrize("form", [0, FORMAT + 1, None, "1", True])
def test_another_format_is_refused_by_its_number(form: object) -> None:
    with pytest.raises(Invalid, match="This plan is in format"):
        plan_from_json(plan_as_json(PLAN) | {"format": form})


def test_a_plan_of_before_has_no_format() -> None:
    with pytest.raises(Invalid, match="format unknown"):
        plan_from_json({})


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return where each value of a document is, the document itself left out."""
    here = [path] if path else []
    if isinstance(value, dict) and "keep_releases" not in value:  # a spec has defaults of its own
        return here + [found for key, each in value.items() for found in paths(each, (*path, key))]
    if isinstance(value, list):
        return here + [found for n, each in enumerate(value) for found in paths(each, (*path, n))]
    return here


@pytest.mark.parametrize("path", paths(plan_as_json(PLAN)))
def test_nothing_of_it_may_be_of_another_kind_or_missing(path: tuple[str | int, ...]) -> None:
    kept: Any = json.loads(json.dumps(plan_as_json(PLAN)))
    *folders, name = path
    inside = kept
    for folder in folders:
        inside = inside[folder]
    inside[name] = {"odd": 1} if not isinstance(inside[name], dict) else 7
    with pytest.raises(Invalid):
        plan_from_json(kept)
    if not isinstance(name, int) and "releases" != path[0] != "hosts":
        del inside[name]
        with pytest.raises(Invalid):
            plan_from_json(kept)


def test_an_unknown_field_is_not_passed_over() -> None:
    kept: Any = plan_as_json(PLAN)
    kept["policy"]["hurry"] = True
    with pytest.raises(Invalid, match="hurry"):
        plan_from_json(kept)


def test_every_field_is_written() -> None:
    kept: Any = plan_as_json(PLAN)
    assert set(kept) == {field.name for field in fields(Plan)}


def test_a_plan_finds_its_places_and_releases() -> None:
    assert PLAN.place("web-1:8080").host == "web-1"
    with pytest.raises(KeyError):
        PLAN.place("web-2")
    assert PLAN.release(Release("1.1", "f")).value.version == "1.1"
    unknown = Release("1.0")
    old = PlannedRelease(unknown, ReleaseSpec())
    assert replace(PLAN, releases={key_of(unknown): old}).release(unknown) == old
    with pytest.raises(KeyError):
        PLAN.release(NOTHING)


def test_places_are_called_by_host_and_port() -> None:
    assert place_name("web-1", 8080) == "web-1:8080"
    assert place_name("web-1", 0) == "web-1"
