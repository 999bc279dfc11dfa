"""What tests of rollouts look at."""

from slipway.records.rollouts.models import Rollout, Target
from tests.controller.company import Company
from tests.fakes.machines import FakeMachine


def states(rollout: Rollout) -> dict[str, str]:
    rows = Target.objects.filter(rollout=rollout).select_related("host")
    return {row.host.name: row.state for row in rows}


def began(machine: FakeMachine, rollout: Rollout, step: str) -> bool:
    """Whether a step of this rollout has begun on the machine."""
    return any(t.startswith(f"r{rollout.pk}-") and f"-{step}-" in t for t in machine.ran)


def steps_ran(machine: FakeMachine, rollout: Rollout) -> list[str]:
    """The steps of a rollout that ran on the machine, in their order."""
    own = (t for t in machine.ran if t.startswith(f"r{rollout.pk}-"))
    return ["-".join(ticket.split("-")[3:-1]) for ticket in own]


def kill(company: Company, *hosts: str) -> None:
    """The processes of the service end there, and nobody starts them again."""
    for host in hosts:
        for (service, _), instance in company.fleet.at(host).instances.items():
            if service == company.service.name:
                instance.running, instance.pid = "", None
