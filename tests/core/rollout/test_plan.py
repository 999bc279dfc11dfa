"""What surrounds a plan: batches, bytes, time and checks, as they are shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.rollout.plans.batches import Batches
from slipway.core.rollout.plans.outlook import (
    Obstacle,
    Outlook,
    PlannedTarget,
    checks_of,
    in_batches,
)
from slipway.core.rollout.value.planned import Policy
from slipway.core.spec.values import HealthCheck
from slipway.core.words.sentence import Sentence
from tests.core.rollout.test_plan_json import PLAN

WEB_1 = PlannedTarget("web-1", 8080, "1.0", "1.1", batch=1, bytes_to_move=2**20)
WEB_2 = PlannedTarget("web-2", 8080, "1.0", "1.1", batch=2, bytes_to_move=2**20)
WEB_3 = PlannedTarget("web-3", 8080, "1.0", "1.1", batch=2, bytes_to_move=2**20)
OUTLOOK = Outlook(PLAN, "hash", (WEB_1, WEB_2, WEB_3))


def with_policy(outlook: Outlook, policy: Policy) -> Outlook:
    return replace(outlook, plan=replace(outlook.plan, policy=policy))


def test_targets_are_numbered_by_batch() -> None:
    assert in_batches(Batches.parse("1 50%").sizes(3)) == [1, 2, 2]


def test_the_plan_sums_up() -> None:
    assert OUTLOOK.batches == (1, 2)
    assert OUTLOOK.bytes_to_move == 3 * 2**20
    assert not OUTLOOK.is_blocked
    locked = Obstacle(Sentence.of("locked", "Locked by {holder}.", hint="Ask.", holder="Bob"))
    assert not replace(OUTLOOK, obstacles=(replace(locked, blocking=False),)).is_blocked
    assert replace(OUTLOOK, obstacles=(locked,)).is_blocked
    assert (locked.code, locked.message, locked.hint) == ("locked", "Locked by Bob.", "Ask.")
    said = (OUTLOOK.kind, OUTLOOK.service, OUTLOOK.environment, OUTLOOK.version)
    assert said == ("upgrade", "billing", "prod", "1.1")
    assert (WEB_1.place, PlannedTarget("web-4").place) == ("web-1:8080", "web-4")


def test_the_expected_time_grows_with_rounds_baking_and_bytes() -> None:
    settling = replace(OUTLOOK, settle_time=timedelta(seconds=10))
    assert settling.expected_time == timedelta(seconds=45, milliseconds=50)  # three rounds of 15 s
    wider = with_policy(settling, Policy(allowed_away=2))
    assert wider.expected_time < settling.expected_time
    baking = with_policy(settling, Policy(bake=300.0))
    assert baking.expected_time - settling.expected_time == timedelta(minutes=5)
    assert replace(OUTLOOK, targets=()).expected_time == timedelta(0)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (HealthCheck(http="http://x/", expect="ok"), "HTTP http://x/ answers with “ok”"),
        (HealthCheck(tcp="x:1"), "TCP x:1 accepts"),
        (HealthCheck(command=("./ok", "a b")), 'command ["./ok", "***"] succeeds'),
        (HealthCheck(), "the process stays up"),
    ],
)
def test_checks_are_sentences(check: HealthCheck, sentence: str) -> None:
    assert tuple(map(str, checks_of(check))) == (f"{sentence} for 10 s, within 300 s",)
