"""What is said when a plan no longer holds: exactly what changed between two values."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.rollout.plans.differences import differences, named
from slipway.core.rollout.plans.hashing import plan_hash
from slipway.core.rollout.plans.plan import (
    Plan,
    PlannedHost,
    PlannedPlace,
    PlannedRelease,
)
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.spec.values import HealthCheck, ReleaseSpec
from slipway.core.words.kinds import RolloutKind
from tests.core.rollout.test_plan_json import plans

OLD, NEW = Release("1.0", "a"), Release("1.1", "b")
SPEC = ReleaseSpec(run=("./billing",), health=HealthCheck(http="http://x/"))
HOST = PlannedHost("web-1", "10.0.0.1", 22, "app", "/opt", "none", "ssh-ed25519 A", "main")
PACKAGE = PackageRef("ab", 10, PackageFormat.TAR, "billing.tar")


def place(number: int, batch: int) -> PlannedPlace:
    planned = Planned(f"web-{number}:8080", OLD, NEW, back=OLD, batch=batch)
    return PlannedPlace(planned, f"web-{number}", 8080)


ONE, TWO, THREE = place(1, 1), place(2, 2), place(3, 2)
PLAN = Plan(
    kind=RolloutKind.UPGRADE,
    service="billing",
    environment="prod",
    version="1.1",
    batches="1 100%",
    policy=Policy(),
    places=(ONE, TWO, THREE),
    hosts={name: replace(HOST, name=name) for name in ("web-1", "web-2", "web-3")},
    releases={"a": PlannedRelease(OLD, SPEC), "b": PlannedRelease(NEW, SPEC, PACKAGE)},
)


def planned(one: PlannedPlace, **changes: Any) -> PlannedPlace:
    return replace(one, planned=replace(one.planned, **changes))


def with_host(**changes: Any) -> Plan:
    return replace(PLAN, hosts={**PLAN.hosts, "web-1": replace(HOST, **changes)})


def with_settings(fingerprint: str, spec: ReleaseSpec) -> Plan:
    goal = Release("1.1", fingerprint)
    releases = {"a": PLAN.releases["a"], fingerprint: PlannedRelease(goal, spec, PACKAGE)}
    places = tuple(planned(each, goal=goal) for each in PLAN.places)
    return replace(PLAN, places=places, releases=releases)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(PLAN, kind=RolloutKind.REVERT), "The operation was upgrade and is revert."),
        (replace(PLAN, service="x"), "The service was billing and is x."),
        (replace(PLAN, environment="test"), "The environment was prod and is test."),
        (replace(PLAN, batches="1"), "The batches were 1 100% and are 1."),
        (
            replace(PLAN, deadline=60.0),
            "The progress deadline was 600 s and is 60 s.",
        ),
        (
            replace(PLAN, policy=Policy(allowed_away=2)),
            "The most that may be away was 1 and is 2.",
        ),
        (
            replace(PLAN, policy=Policy(goes_back=False)),
            "Whether it goes back by itself was yes and is no.",
        ),
        (replace(PLAN, places=(ONE, TWO)), "web-3:8080 is not part of it any more."),
        (replace(PLAN, places=(*PLAN.places, place(4, 2))), "web-4:8080 was added."),
        (
            replace(PLAN, places=(ONE, TWO, planned(THREE, origin=Release("0.9", "z")))),
            "web-3:8080: 1.0 was there, and now 0.9 is.",
        ),
        (
            replace(PLAN, places=(ONE, TWO, planned(THREE, origin=Release("1.0", "z")))),
            "web-3:8080: 1.0 is there with other settings.",
        ),
        (
            replace(PLAN, places=(ONE, TWO, planned(THREE, goal=Release()))),
            "web-3:8080: 1.1 was to be brought, and now nothing is.",
        ),
        (
            replace(PLAN, places=(ONE, TWO, planned(THREE, back=None))),
            "web-3:8080: the way back was 1.0 and is nothing.",
        ),
        (
            replace(PLAN, places=(ONE, planned(TWO, batch=3), planned(THREE, batch=3))),
            "web-2:8080, web-3:8080: batch 2 became batch 3.",
        ),
        (
            replace(PLAN, places=(ONE, TWO, planned(THREE, up=False))),
            "Whether web-3:8080 is to be up was yes and is no.",
        ),
        (
            replace(PLAN, places=(ONE, TWO, replace(THREE, weight=5))),
            "The weight of web-3:8080 was 100 and is 5.",
        ),
        (replace(PLAN, places=(TWO, ONE, THREE)), "The order of the instances has changed."),
        (with_host(address="10.0.0.9"), "The address of web-1 was 10.0.0.1 and is 10.0.0.9."),
        (with_host(host_key="ssh-ed25519 B"), "web-1 has another host key."),
    ],
)
def test_a_change_is_named_and_nothing_else_is(changed: Plan, said: str) -> None:
    assert [sentence.english for sentence in differences(PLAN, changed)] == [said]
    assert plan_hash(changed) != plan_hash(PLAN)


def test_another_check_is_said_with_both() -> None:
    changed = with_settings("c", replace(SPEC, health=HealthCheck(tcp="x:1")))
    assert [sentence.english for sentence in differences(PLAN, changed)] == [
        "web-1:8080, web-2:8080, web-3:8080: 1.1 is to be run with other settings.",
        "The check of 1.1 was: HTTP http://x/ answers for 10 s, within 300 s. "
        "It is: TCP x:1 accepts for 10 s, within 300 s.",
    ]


def test_other_settings_are_no_other_check() -> None:
    changed = with_settings("c", replace(SPEC, user="app"))
    assert [sentence.code for sentence in differences(PLAN, changed)] == [
        "settings_changed",
        "settings_changed",
    ]


@given(plans, plans)
def test_something_is_said_exactly_when_the_plans_differ(old: Plan, new: Plan) -> None:
    assert bool(differences(old, new)) == (old != new)


@given(plans, st.data())
def test_any_one_field_of_the_policy_is_named(plan: Plan, data: st.DataObject) -> None:
    other = data.draw(plans).policy
    changed = replace(plan, policy=other)
    assert all(each.code == "policy_changed" for each in differences(plan, changed))


def test_many_instances_are_counted_after_the_first_ten() -> None:
    assert named(f"web-{n}" for n in range(1, 13)) == (
        "web-1, web-2, web-3, web-4, web-5, web-6, web-7, web-8, web-9, web-10 (+2)"
    )
