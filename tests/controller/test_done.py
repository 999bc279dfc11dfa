"""Done is what was seen to be as wanted, with nothing owed."""

import pytest
from asgiref.sync import sync_to_async

from slipway.core.hosts.access import HostAccess
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import services
from slipway.records.fleet.operations import instances
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import returns, steering
from tests.controller.company import Company
from tests.controller.seen import steps_ran
from tests.records.world import SPEC


def environment(company: Company, host: str = "web-1") -> dict[str, str]:
    [instance] = company.fleet.at(host).instances.values()
    return dict(instance.environment)


def change_settings(company: Company, **settings: str) -> None:
    services.change_service(
        service=company.service,
        changes={"spec": {"environment": settings}},
        by=company.boss,
        now=company.clock(),
    )


def failed_upgrade(company: Company, version: Version) -> Rollout:
    """It came up on all hosts and was not healthy; nobody wants it taken back by itself."""
    company.fleet.unhealthy.add(version.name)
    failed = company.run_all("upgrade", version, automatic_rollback=False, failure_budget="4")
    company.fleet.unhealthy.clear()
    return failed


def test_tidying_up_is_never_the_end_of_a_target(company: Company) -> None:
    company.fleet.at("web-1").failing["prune"] = 73
    upgrade = company.drive(company.start("upgrade", company.new, batches="1 100%"))
    assert upgrade.state == "succeeded"
    assert company.running()["web-1"] == "1.1"


def test_a_retry_brings_the_settings_that_mend_the_cause(company: Company) -> None:
    failed = failed_upgrade(company, company.new)
    change_settings(company, DB="right")
    again = returns.retry_rollout(rollout=failed, by=company.alice, now=company.clock())
    assert company.drive(again).state == "succeeded"
    assert environment(company)["DB"] == "right"


def test_a_hook_that_is_owed_is_run_by_a_retry(company: Company) -> None:
    version = company.version("2.0", spec=SPEC + "scripts: {after_activate: ./warm-up.sh}\n")
    failed = failed_upgrade(company, version)
    again = returns.retry_rollout(rollout=failed, by=company.alice, now=company.clock())
    assert company.drive(again).state == "succeeded"
    assert "after-activate" in steps_ran(company.fleet.at("web-1"), again)


def test_what_was_drained_is_put_back_into_traffic_by_who_drained_it(company: Company) -> None:
    version = company.version("2.0", spec=SPEC + "scripts: {drain: ./out.sh, undrain: ./in.sh}\n")
    company.fleet.unhealthy.add("2.0")
    upgrade = company.drive(company.start("upgrade", version, batches="1 100%"))
    assert upgrade.end == "halted and taken back"
    ran = steps_ran(company.fleet.at("web-1"), upgrade)
    assert "drain" in ran
    assert ran.count("undrain") == 1
    seen = company.instance("web-1")
    assert (seen.seen_drained_by, company.running()["web-1"]) == ("", "1.0")


def test_a_weight_reaches_the_host_with_the_next_restart(company: Company) -> None:
    instances.change_instance(
        instance=company.instance("web-1"), weight=7, by=company.boss, now=company.clock()
    )
    assert company.run_all("restart").state == "succeeded"
    assert environment(company)["WEIGHT"] == "7"


@pytest.mark.parametrize("kind", ["apply", "restart", "upgrade"])
def test_changed_settings_are_brought_to_hosts(company: Company, kind: str) -> None:
    change_settings(company, DB="new")
    version = company.old if kind == "upgrade" else None
    assert company.run_all(kind, version).state == "succeeded"
    assert environment(company)["DB"] == "new"


def test_there_is_nothing_to_apply_where_all_is_alike(company: Company) -> None:
    with pytest.raises(Refused):
        company.start("apply")


def test_a_rollout_can_be_cancelled_whatever_the_settings_say(company: Company) -> None:
    upgrade = company.start("upgrade", company.new, batches="1")
    steering.pause_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    company.drive(upgrade)
    services.change_service(
        service=company.service,
        changes={"spec": {"health": {"min_healthy_time": "4m"}}},
        by=company.boss,
        now=company.clock(),
    )
    steering.cancel_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    assert company.drive(upgrade).state == "cancelled"


def test_a_rollout_whose_plan_cannot_be_read_can_be_cancelled(company: Company) -> None:
    upgrade = company.start("upgrade", company.new)
    Rollout.objects.filter(pk=upgrade.pk).update(plan={"format": 99})
    assert company.drive(upgrade).state == "running"
    steering.cancel_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    assert company.drive(upgrade).state == "cancelled"


def test_a_host_forgets_a_removal_only_once_it_is_written_down(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    forget = company.fleet.forget

    async def note(access: HostAccess, tickets: tuple[str, ...]) -> None:
        rows = Rollout.objects.filter(kind="delete").values_list("end", flat=True)
        ended.append(bool(await sync_to_async(rows.get)()))
        await forget(access, tickets)

    monkeypatch.setattr(company.fleet, "forget", note)
    assert company.run_all("delete").state == "succeeded"
    assert ended
    assert all(ended)
