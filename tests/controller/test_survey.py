"""The look at all hosts before a rollout touches any."""

from slipway.records.audit.models import Event
from slipway.records.fleet.models import HostState
from slipway.records.rollouts.models import Target
from tests.controller.company import Company


def test_a_key_that_has_changed_is_told_to_everybody_at_once(company: Company) -> None:
    company.fleet.at("web-4").host_key = "ssh-ed25519 AAAAanother"
    upgrade = company.drive(
        company.start("upgrade", company.new, batches="1 100%", failure_budget="1")
    )
    left = Target.objects.get(rollout=upgrade, host__name="web-4")
    assert (left.state, left.touched) == ("unreachable", False)
    assert Event.objects.get(verb="host.key_changed").thing_name == "web-4"
    assert left.host.state == HostState.UNREACHABLE
    assert company.running() == {"web-1": "1.1", "web-2": "1.1", "web-3": "1.1", "web-4": "1.0"}
