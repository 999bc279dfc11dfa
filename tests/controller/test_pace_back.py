"""A rollback by hand: at once where the version to leave is ill, in the batches in which it came
where it is well; and the plan says which, and why."""

import asyncio

from django.db import connection

from slipway.controller.rollouts.advance import Rollouts
from slipway.core.rollout.plans.outlook import Outlook
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.plan import planning
from tests.controller.company import Company, until
from tests.emptying import rules_away


def plan_back(company: Company) -> Outlook:
    return planning.make_plan(company.wish("revert"), company.clock())


def codes(plan: Outlook) -> list[str]:
    return [each.code for each in plan.notes if each.code.startswith("back_")]


def most_at_once(company: Company, back: Rollout, expected: int) -> int:
    """Drive it; return how many had been switched while none of them was let to get well."""
    gates = [company.fleet.at(host.name).hold("probe") for host in company.hosts]
    seen = 0

    def switched() -> int:
        machines = [company.fleet.at(host.name) for host in company.hosts]
        return sum(one.link == "1.0" for each in machines for one in each.instances.values())

    async def watch(_worker: Rollouts) -> None:
        nonlocal seen
        await until(lambda: switched() >= expected)
        for _ in range(100):  # beats go on meanwhile: whoever may go would
            await asyncio.sleep(0)
        seen = switched()
        for gate in gates:
            gate.set()

    assert company.drive_to_the_end(back, watch).state == "succeeded"
    return seen


def test_an_ill_version_is_left_by_all_at_once(company: Company) -> None:
    company.run_all("upgrade", company.new)
    company.fleet.unhealthy.add("1.1")
    Instance.objects.update(healthy=False)
    plan = plan_back(company)
    assert plan.batches == (4,)
    assert codes(plan) == ["back_at_once"]
    assert most_at_once(company, company.start("revert"), 4) == 4
    assert set(company.running().values()) == {"1.0"}


def test_a_well_version_is_left_in_the_batches_in_which_it_came(company: Company) -> None:
    company.drive_to_the_end(
        company.start("upgrade", company.new, batches="2", max_unavailable="2")
    )
    plan = plan_back(company)
    assert (plan.batches, plan.max_unavailable) == ((2, 2), 2)
    assert codes(plan) == ["back_in_batches"]
    assert most_at_once(company, company.start("revert"), 2) == 2
    assert set(company.running().values()) == {"1.0"}


def test_where_some_are_ill_those_go_at_once_and_the_others_after_them(company: Company) -> None:
    company.drive_to_the_end(
        company.start("upgrade", company.new, batches="1", max_unavailable="1")
    )
    Instance.objects.filter(host__name__in=["web-2", "web-4"]).update(healthy=False)
    plan = plan_back(company)
    assert plan.batches == (2, 1, 1)
    assert codes(plan) == ["back_at_once", "back_in_batches"]
    assert [target.host for target in plan.targets] == ["web-2", "web-4", "web-1", "web-3"]


def test_whoever_says_how_fast_is_heard(company: Company) -> None:
    company.run_all("upgrade", company.new)
    wish = company.wish("revert", batches="100%", max_unavailable="100%")
    plan = planning.make_plan(wish, company.clock())
    assert (plan.batches, plan.max_unavailable) == ((4,), 4)


def test_without_an_upgrade_that_is_known_the_environment_says(company: Company) -> None:
    company.run_all("upgrade", company.new)
    with rules_away(connection):  # of before either was kept
        Rollout.objects.filter(kind="upgrade").update(kind="apply")
        Rollout.objects.filter(kind="deploy").update(batches="")
    assert plan_back(company).batches == (1, 1, 1, 1)
