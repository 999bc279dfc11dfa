"""The plan: what an approval binds to, and what is said when it no longer holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.batches import Batches
from slipway.core.kinds import RolloutKind
from slipway.core.plan import (
    Obstacle,
    Plan,
    PlannedTarget,
    checks_of,
    differences,
    in_batches,
    in_order,
    plan_hash,
)
from slipway.core.spec import HealthCheck
from tests.sentences import said as words

WEB_1 = PlannedTarget("web-1", 8080, 1, "1.0", "1.1", batch=1, bytes_to_move=2**20)
WEB_2 = PlannedTarget("web-2", 8080, 2, "1.0", "1.1", batch=2, bytes_to_move=2**20)
WEB_3 = PlannedTarget("web-3", 8080, 3, "1.0", "1.1", batch=2, bytes_to_move=2**20)
PLAN = Plan(
    kind=RolloutKind.UPGRADE,
    service="billing",
    environment="prod",
    version="1.1",
    targets=(WEB_1, WEB_2, WEB_3),
    batches_text="1 50%",
    max_unavailable=1,
    checks=(words("HTTP answers"),),
)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (replace(PLAN, kind=RolloutKind.REVERT), "The kind was upgrade and is revert."),
        (replace(PLAN, service="x"), "The service was billing and is x."),
        (replace(PLAN, environment="test"), "The environment was prod and is test."),
        (replace(PLAN, max_unavailable=2), "The most that may be unavailable was 1 and is 2."),
        (replace(PLAN, checks=(words("TCP"),)), "The check was HTTP answers and is TCP."),
        (replace(PLAN, targets=(WEB_1, WEB_2)), "web-3:8080 is not part of it any more."),
        (
            replace(PLAN, targets=(*PLAN.targets, PlannedTarget("web-4"))),
            "web-4 was added.",
        ),
        (
            replace(PLAN, targets=(WEB_1, WEB_2, replace(WEB_3, from_version="0.9"))),
            "web-3:8080 ran 1.0 and now runs 0.9.",
        ),
        (
            replace(PLAN, targets=(WEB_1, WEB_2, replace(WEB_3, to_version=""))),
            "web-3:8080 was to get 1.1 and is to get nothing.",
        ),
        (
            replace(PLAN, targets=(WEB_1, WEB_2, replace(WEB_3, batch=3))),
            "web-3:8080 was in batch 2 and is in batch 3.",
        ),
    ],
)
def test_a_change_of_what_was_approved_changes_the_hash_and_is_named(
    changed: Plan, said: str
) -> None:
    assert plan_hash(changed) != plan_hash(PLAN)
    assert differences(PLAN, changed) == (said,)


@pytest.mark.parametrize(
    "same",
    [
        replace(PLAN, obstacles=(Obstacle(words("Locked by Bob.")),)),
        replace(PLAN, targets=tuple(replace(t, bytes_to_move=0) for t in PLAN.targets)),
        replace(
            PLAN, targets=tuple(replace(t, note=words("x"), unreachable=True) for t in PLAN.targets)
        ),
        replace(PLAN, targets=tuple(reversed(PLAN.targets))),
        replace(PLAN, batches_text="1 100%"),  # cut the same, said another way
        replace(PLAN, settle_time=timedelta(hours=1)),
    ],
)
def test_what_may_change_by_itself_does_not_make_another_plan(same: Plan) -> None:
    assert plan_hash(same) == plan_hash(PLAN)
    assert differences(PLAN, same) == ()


targets = st.lists(
    st.builds(
        PlannedTarget,
        host=st.sampled_from(["web-1", "web-2", "web-3"]),
        port=st.sampled_from([0, 80]),
        from_version=st.sampled_from(["", "1.0"]),
        to_version=st.sampled_from(["1.0", "1.1"]),
        batch=st.integers(1, 2),
    ),
    max_size=4,
    unique_by=lambda target: (target.host, target.port),
).map(tuple)
plans = st.builds(replace, st.just(PLAN), targets=targets, max_unavailable=st.integers(1, 2))


@given(plans, plans)
def test_the_hash_differs_exactly_when_there_is_a_difference_to_name(old: Plan, new: Plan) -> None:
    assert (plan_hash(old) != plan_hash(new)) == bool(differences(old, new))


def test_ill_instances_go_first_and_unreachable_hosts_last() -> None:
    ill = replace(WEB_2, was_healthy=False)
    gone = replace(WEB_1, unreachable=True, was_healthy=False)
    assert in_order([gone, WEB_3, ill, WEB_1]) == (ill, WEB_1, WEB_3, gone)


def test_hosts_go_in_the_order_that_people_count_in() -> None:
    tenth = replace(WEB_1, host="web-10")
    assert in_order([tenth, WEB_2, WEB_1]) == (WEB_1, WEB_2, tenth)


def test_targets_are_numbered_by_batch() -> None:
    sizes = Batches.parse("1 50%").sizes(3)
    numbered = in_batches([WEB_3, WEB_1, WEB_2], sizes)
    assert [(target.host, target.batch) for target in numbered] == [
        ("web-3", 1),
        ("web-1", 2),
        ("web-2", 2),
    ]
    assert replace(PLAN, targets=numbered).batches == (1, 2)


def test_the_plan_sums_up() -> None:
    assert PLAN.batches == (1, 2)
    assert PLAN.bytes_to_move == 3 * 2**20
    assert not PLAN.is_blocked
    assert not replace(PLAN, obstacles=(Obstacle(words("x"), blocking=False),)).is_blocked
    assert replace(PLAN, obstacles=(Obstacle(words("x")),)).is_blocked


def test_the_expected_time_grows_with_rounds_baking_and_bytes() -> None:
    settling = replace(PLAN, settle_time=timedelta(seconds=10))
    assert settling.expected_time == timedelta(seconds=45, milliseconds=50)  # three rounds of 15 s
    assert replace(settling, max_unavailable=2).expected_time < settling.expected_time
    baking = replace(settling, bake_time=timedelta(minutes=5))
    assert baking.expected_time - settling.expected_time == timedelta(minutes=5)
    assert replace(PLAN, targets=()).expected_time == timedelta(0)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (HealthCheck(http="http://x/", expect="ok"), "HTTP http://x/ answers with “ok”"),
        (HealthCheck(tcp="x:1"), "TCP x:1 accepts"),
        (HealthCheck(command=("./ok", "a b")), 'command ["./ok", "a b"] succeeds'),
        (HealthCheck(), "the process stays up"),
    ],
)
def test_checks_are_sentences(check: HealthCheck, sentence: str) -> None:
    assert [said.english for said in checks_of(check)] == [f"{sentence} for 10 s, within 300 s"]
