"""Changes that arrive together are committed together, and only under the claim."""

import asyncio
from functools import partial

import pytest

from slipway.controller.ledger import Ledger
from slipway.records.rollouts import progress
from slipway.records.rollouts.models import LogLine, Rollout
from slipway.records.rollouts.progress import LeaseLost, Line
from tests.controller.company import Company, desk
from tests.records.world import Driver


def tell(claim: dict[str, int], text: str, company: Company) -> None:
    progress.tell(**claim, lines=[Line(text)], now=company.clock())


def write_all(claim: dict[str, int], company: Company, texts: list[str]) -> None:
    async def run() -> None:
        with desk() as own:
            ledger = Ledger(own, **claim)
            changes = [partial(tell, claim, text, company) for text in texts]
            await asyncio.gather(*(ledger.write(change) for change in changes))

    asyncio.run(run())


def test_what_is_written_at_once_is_one_revision(company: Company) -> None:
    rollout = company.start("upgrade", company.new)
    driver = Driver(rollout, company.clock)
    before = Rollout.objects.get(pk=rollout.pk).rev
    write_all(driver.mine, company, [f"line {number}" for number in range(50)])
    assert LogLine.objects.filter(rollout=rollout).count() == 50
    assert Rollout.objects.get(pk=rollout.pk).rev - before <= 2


def test_a_lost_claim_writes_nothing_and_tells_everybody(company: Company) -> None:
    rollout = company.start("upgrade", company.new)
    driver = Driver(rollout, company.clock)
    Driver(rollout, company.clock, name="worker-2")
    with pytest.raises(LeaseLost):
        write_all(driver.mine, company, ["too", "late"])
    assert not LogLine.objects.filter(rollout=rollout).exists()
