"""What a plan says at a terminal where no host takes part."""

from tests.cli.commands.rollouts.test_operations import PLAN
from tests.cli.conftest import Run
from tests.cli.standin import Standin


def test_a_plan_for_no_host_says_so(server: Standin, slipway: Run) -> None:
    server.on("POST /plans", PLAN | {"targets": [], "batches": []})
    said = slipway("plan", "upgrade", "billing", "1.1", "--env", "prod").err
    assert "No host takes part: nothing is sent anywhere." in said
    assert "0 targets" not in said
    assert "The time is" not in said


def test_a_plan_says_what_speaks_for_it(server: Standin, slipway: Run) -> None:
    signs = [{"code": "ran_before", "message": "Rollout 9 ended well in dev.", "values": {}}]
    server.on("POST /plans", PLAN | {"good_signs": signs})
    ended = slipway("plan", "upgrade", "billing", "1.1", "--env", "prod")
    assert "Good: Rollout 9 ended well in dev." in ended.err
