"""What a version has drained is put back by that version's own undrain, on the way back as well."""

from slipway.records.rollouts.models import Rollout, Step
from tests.controller.company import Company
from tests.records.world import SPEC


def steps_ran(rollout: Rollout) -> list[str]:
    steps = Step.objects.filter(target__rollout=rollout, target__host__name="web-1")
    return list(steps.filter(exit_code=0).values_list("name", flat=True))


def test_what_was_drained_is_put_back_into_traffic(company: Company) -> None:
    version = company.version("2.0", spec=SPEC + "scripts: {drain: ./out.sh, undrain: ./in.sh}\n")
    company.fleet.unhealthy.add("2.0")
    upgrade = company.drive(company.start("upgrade", version, batches="1 100%"))
    machine = company.fleet.at("web-1")
    (instance,) = machine.instances.values()
    assert "drain" in steps_ran(upgrade)
    assert instance.drains
    back = company.drive(Rollout.objects.get(reverts=upgrade))
    assert steps_ran(back).count("undrain") == 1
    assert not instance.drains
