"""A driver that fails by what nobody foresaw asks for help, and never takes the last word away."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from slipway.controller.rollouts.advance import FAULTS_BEFORE_ASKING
from slipway.controller.rollouts.driver import Driver, Nap
from slipway.core.rollout.value.questions import Asks
from slipway.records.rollouts.models import LogLine, Rollout, Target
from slipway.records.rollouts.operations import steering
from slipway.records.rollouts.run.loading import load
from tests.controller.company import QUICK, Company, desk, until


class Broken:
    """Every driver raises until it is mended; `beats` counts how often one was asked to drive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.beats = 0
        self.is_mended = False
        real = Driver.until_nothing_to_do

        async def drive(driver: Driver) -> Nap | None:
            self.beats += 1
            if self.is_mended:
                return await real(driver)
            raise ZeroDivisionError("nobody foresaw this")

        monkeypatch.setattr(Driver, "until_nothing_to_do", drive)


@pytest.fixture
def broken(company: Company, monkeypatch: pytest.MonkeyPatch) -> Broken:
    return Broken(monkeypatch)


def advance(company: Company, rollout: Rollout, times: int) -> None:
    """Have one worker take it up again and again, as its sweep does when a nap is over."""

    async def story() -> None:
        with desk() as own:
            worker = company.worker(own, pace=replace(QUICK, after_a_fault=0.001))
            for _ in range(times):
                await worker.advance(rollout.pk)
                await until(partial(company._has_slept, worker, rollout.pk))

    asyncio.run(story())
    rollout.refresh_from_db()


def asked(rollout: Rollout) -> Asks | None:
    question = load(rollout.pk).value.asks
    return None if question is None else question.code


def test_it_asks_where_everybody_sees_it(company: Company, broken: Broken) -> None:
    upgrade = company.start("upgrade", company.new)
    advance(company, upgrade, FAULTS_BEFORE_ASKING - 1)
    assert asked(upgrade) is None
    advance(company, upgrade, FAULTS_BEFORE_ASKING)
    assert (asked(upgrade), upgrade.state) == (Asks.OURS, "paused")
    lines = LogLine.objects.filter(rollout=upgrade).values_list("sentence", flat=True)
    assert any("cannot drive this rollout: ZeroDivisionError" in str(line) for line in lines)


def test_an_answer_that_did_not_help_is_followed_by_the_same_question(
    company: Company, broken: Broken
) -> None:
    upgrade = company.start("upgrade", company.new)

    async def story() -> None:
        with desk() as own:
            worker = company.worker(own, pace=replace(QUICK, after_a_fault=0.001))
            for _ in range(FAULTS_BEFORE_ASKING):
                await worker.advance(upgrade.pk)
            # As if a person had answered, and a driver had taken it in before it failed.
            await own.run(partial(Rollout.objects.filter(pk=upgrade.pk).update, asks=None))
            await worker.advance(upgrade.pk)

    asyncio.run(story())
    assert asked(upgrade) is Asks.OURS


def test_it_can_be_cancelled_all_the_same(company: Company, broken: Broken) -> None:
    upgrade = company.start("upgrade", company.new)
    Target.objects.filter(rollout=upgrade, host__name="web-1").update(touched=True)
    advance(company, upgrade, FAULTS_BEFORE_ASKING)
    steering.cancel_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    advance(company, upgrade, FAULTS_BEFORE_ASKING)
    assert upgrade.state == "cancelled"
    assert "ZeroDivisionError" in str(upgrade.outcome)
    states = dict(upgrade.targets.values_list("host__name", "state"))
    assert states == {
        "web-1": "not_known",
        "web-2": "cancelled",
        "web-3": "cancelled",
        "web-4": "cancelled",
    }
    beats = broken.beats
    advance(company, upgrade, 1)
    assert broken.beats == beats


def test_mended_it_goes_on(company: Company, broken: Broken) -> None:
    upgrade = company.start("upgrade", company.new)
    advance(company, upgrade, FAULTS_BEFORE_ASKING)
    assert asked(upgrade) is Asks.OURS
    broken.is_mended = True
    steering.resume_rollout(rollout=upgrade, by=company.alice, now=company.clock())
    assert company.drive_to_the_end(upgrade).state == "succeeded"
