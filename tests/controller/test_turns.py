"""Room, locks, maintenance, membership: asked when a turn comes, told by name."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from slipway.controller.rollouts import driver
from slipway.controller.rollouts.advance import Rollouts
from slipway.core.words.refusal import Refused
from slipway.records.fleet.models import HostState
from slipway.records.fleet.operations import hosts, instances
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import locks, returns
from slipway.records.rollouts.run.claims import Claim
from slipway.records.rollouts.run.clearing import are_all_held
from slipway.records.rollouts.run.loading import load
from tests.controller.company import Company, until
from tests.controller.seen import began, kill, states

Make = Callable[..., Company]


def test_hosts_that_are_down_are_away_also_where_they_are_skipped(company: Company) -> None:
    for host in company.hosts[:2]:
        host.state = HostState.UNREACHABLE
        host.save()
        company.fleet.at(host.name).unreachable = True
    upgrade = company.start(
        "upgrade", company.new, batches="100%", max_unavailable="50%", skip_unreachable=True
    )
    ended = company.drive(upgrade)
    assert not any(began(company.fleet.at(h.name), upgrade, "switch") for h in company.hosts)
    assert ended.state == "paused"
    assert ended.asks is not None
    assert ended.asks["code"] in ("no_room", "several_lost")


def test_a_share_is_of_what_is_meant_to_be_up(many: Make) -> None:
    company = many(8)
    for host in company.hosts[2:]:
        hosts.set_maintenance(host=host, on=True, by=company.boss, now=company.clock())
    upgrade = company.start("upgrade", company.new, batches="100%")
    assert load(upgrade.pk).value.policy.allowed_away == 1


def test_a_retry_keeps_away_from_a_locked_instance(company: Company) -> None:
    company.fleet.at("web-4").failing["restart"] = 1
    failed = company.run_all("upgrade", company.new, failure_budget="1")
    instances.lock_instance(
        instance=company.instance("web-4"), reason="evidence", by=company.boss, now=company.clock()
    )
    with pytest.raises(Refused, match="evidence"):
        returns.retry_rollout(rollout=failed, by=company.alice, now=company.clock())


def test_what_is_held_is_written_only_when_it_is_free(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One's own lock holds nobody back: the upgrade is the boss's, who goes faster than the rules.
    by_alice = {"by": company.alice, "now": company.clock()}
    there = {"service": company.service, "environment": company.environment}
    upgrade = company.start("upgrade", company.new, batches="100%", max_unavailable="100%")
    locks.lock_service(reason="looking", until=None, **there, **by_alice)  # type: ignore[arg-type]
    revisions: list[int] = []

    def asked(held: Claim, *more: object) -> bool:
        revisions.append(Rollout.objects.values_list("rev", flat=True).get(pk=held.rollout))
        return are_all_held(held, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(driver, "are_all_held", asked)

    async def release(worker: Rollouts) -> None:
        await until(lambda: len(revisions) > 3)
        unlock = partial(locks.unlock_service, reason="seen", **there, **by_alice)  # type: ignore[arg-type]
        await worker.desk.run(unlock)

    ended = company.drive(upgrade, release)
    assert len(set(revisions[:3])) == 1
    assert ended.state == "succeeded"


@pytest.mark.parametrize("what", ["host maintenance", "maintenance", "lock", "moved"])
def test_what_is_taken_out_in_the_middle_is_left_out_by_name(company: Company, what: str) -> None:
    upgrade = company.start(
        "upgrade", company.new, batches="1 100%", max_unavailable="100%", bake_time=BAKE
    )

    async def take_out(worker: Rollouts) -> None:
        await until(lambda: upgrade.pk in worker.napping)
        await worker.desk.run(lambda: hinder(company, what))

    company.drive(upgrade, take_out)
    ended = company.drive_to_the_end(upgrade)
    assert not began(company.fleet.at("web-4"), upgrade, "switch")
    assert states(upgrade)["web-4"] == "left_out"
    problem = Target.objects.get(rollout=upgrade, host__name="web-4").problem
    assert problem is not None
    assert "web-4" in problem.english
    assert (ended.state, ended.end) == ("partial", "partial")


BAKE = timedelta(seconds=0.5)


def hinder(company: Company, what: str) -> None:
    by_boss = {"by": company.boss, "now": company.clock()}
    host, instance = company.hosts[3], company.instance("web-4")
    if what == "host maintenance":
        hosts.set_maintenance(host=host, on=True, **by_boss)  # type: ignore[arg-type]
    elif what == "maintenance":
        instances.change_instance(instance=instance, is_maintain=True, **by_boss)  # type: ignore[arg-type]
    elif what == "lock":
        instances.lock_instance(instance=instance, reason="hands off", **by_boss)  # type: ignore[arg-type]
    else:
        host.environment = company.make_environment("stage")
        host.save()


def test_a_canary_that_dies_while_it_waits_for_a_person_is_noticed(many: Make) -> None:
    company = many(4, promotion_needed=True)
    upgrade = company.start("upgrade", company.new, batches="1 100%")

    async def crash(worker: Rollouts) -> None:
        await until(lambda: upgrade.pk in worker.napping)
        kill(company, "web-1")
        await worker.advance(upgrade.pk)

    halted = company.drive(upgrade, crash)
    assert (halted.state, halted.end) == ("halted", "halted and taken back")
    assert company.running()["web-1"] == "1.0"
