"""Release on build, done by a worker: the version that was made runs, without anybody's hand."""

import asyncio

import pytest

from slipway.controller.releasing.rules import ReleaseRules
from slipway.controller.worker.bell import Bell
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import versions
from slipway.records.releasing.models import ReleaseRule
from slipway.records.releasing.operations import rules as release_rules
from slipway.records.releasing.rules import get_release_rule, list_due_rules
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import locks
from tests.controller.company import Company, desk
from tests.records.world import stored


def look(*, workers: int = 1) -> int:
    """Let so many workers look at the same time; returns how many rollouts were started."""

    async def run() -> int:
        with desk() as own:
            loops = [ReleaseRules(desk=own, bell=Bell()) for _ in range(workers)]
            return sum(await asyncio.gather(*(each.look_once() for each in loops)))

    return asyncio.run(run())


def made(company: Company, name: str, ref: str = "main") -> Version:
    version, _ = versions.take_version(
        service=company.service,
        stored=stored(f"billing {name}"),
        name=name,
        ref=ref,
        by=company.alice,
        now=company.clock(),
    )
    return version


@pytest.fixture
def rule(company: Company) -> ReleaseRule:
    return release_rules.set_release_rule(
        service=company.service,
        environment=company.environment,
        refs=["main"],
        by=company.boss,
        now=company.clock(),
    )


def test_what_was_built_of_the_ref_runs_everywhere(company: Company, rule: ReleaseRule) -> None:
    assert look() == 0
    version = made(company, "2.0")
    assert look() == 1
    rollout = Rollout.objects.get(version=version)
    assert company.drive(rollout).state == "succeeded"
    assert set(company.running().values()) == {"2.0"}
    assert look() == 0


def test_a_bad_version_is_taken_back_and_not_released_again(
    company: Company, rule: ReleaseRule
) -> None:
    version = made(company, "2.0")
    company.fleet.unhealthy.add(version.name)
    look()
    bad = company.drive(Rollout.objects.get(version=version))
    assert bad.end == "halted and taken back"
    assert set(company.running().values()) == {"1.0"}
    assert look() == 0
    locks.unlock_service(
        service=company.service,
        environment=company.environment,
        reason="looked at",
        by=company.boss,
        now=company.clock(),
    )
    assert look() == 0
    made(company, "2.1")
    assert look() == 1


def test_two_workers_at_once_release_it_once(company: Company, rule: ReleaseRule) -> None:
    for number in range(10):
        version = made(company, f"2.{number}")
        assert look(workers=2) == 1
        rollout = Rollout.objects.get(version=version)
        assert get_release_rule(company.service, company.environment).problem is None
        company.finish(rollout)


def test_one_rule_that_fails_does_not_keep_the_others(company: Company, rule: ReleaseRule) -> None:
    """A rule that holds what nobody can read is logged; the next one is followed."""
    shop = company.make_service("shop")
    broken = release_rules.set_release_rule(
        service=shop,
        environment=company.environment,
        refs=["main"],
        by=company.boss,
        now=company.clock(),
    )
    ReleaseRule.objects.filter(pk=broken.pk).update(refs=[7], due_at=rule.due_at)
    versions.take_version(
        service=shop, stored=stored("shop"), name="1", by=company.boss, now=company.clock()
    )
    made(company, "2.0")
    assert len(list_due_rules(company.clock())) == 2
    assert look() == 1


def fail(**_: object) -> None:
    raise RuntimeError("nobody foresaw this")


def test_a_fault_of_ours_is_the_problem_of_its_rule(
    company: Company, rule: ReleaseRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(company, "2.0")
    monkeypatch.setattr(release_rules, "follow_release_rule", fail)
    assert look() == 0
    rule.refresh_from_db()
    assert rule.problem is not None
    assert str(rule.problem) == "Slipway itself failed at this."
    assert rule.due_at > company.clock()
    monkeypatch.undo()
    assert look() == 0  # put off, and not tried at every look


def test_a_problem_that_cannot_be_kept_keeps_no_other_rule(
    company: Company, rule: ReleaseRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(company, "2.0")
    monkeypatch.setattr(release_rules, "follow_release_rule", fail)
    monkeypatch.setattr(release_rules, "put_off_release_rule", fail)
    assert look() == 0
    monkeypatch.undo()
    assert look() == 1
