"""What a release needs of its host is asked for before anything is touched there."""

import pytest

from slipway.records.rollouts.models import Target
from tests.controller.company import Company
from tests.records.world import SPEC

OLD = "1.0"


@pytest.mark.parametrize(
    ("lacks", "said"), [("systemd", "systemd does not run on web-2"), ("user", "no user app on")]
)
def test_what_the_release_needs_of_its_host_is_asked_before_anything_is_touched(
    company: Company, lacks: str, said: str
) -> None:
    machine = company.fleet.at("web-2")
    if lacks == "systemd":
        machine.systemd = False
    else:
        machine.missing_users.add("app")
    new = company.version("1.2", spec=f"user: app\n{SPEC}")
    upgrade = company.drive(company.start("upgrade", new, batches="1 100%", failure_budget="1"))
    target = Target.objects.get(rollout=upgrade, host__name="web-2")
    assert (target.state, target.cause, target.touched) == ("left_out", "host", False)
    assert said in str(target.problem)
    assert company.running()["web-2"] == OLD
    # Mended there, nothing stands in the way, whatever was seen before.
    machine.systemd = True
    machine.missing_users.clear()
    company.drive(company.start("upgrade", new))
    assert set(company.running().values()) == {"1.2"}
