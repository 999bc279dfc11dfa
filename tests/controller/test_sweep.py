"""What one duty of the sweep fails at keeps no other from being done; nothing is held in vain."""

import asyncio
import gc
import weakref
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from slipway.controller.rollouts.pace import IN_LIFE
from slipway.controller.rollouts.sweep import LOOK_EVERY, Sweep
from slipway.controller.worker.bell import Bell
from tests.controller.company import Company, desk


class Engine:
    """Drives all but those that are poisoned."""

    def __init__(self, poisoned: int) -> None:
        self.poisoned = poisoned
        self.driven: list[int] = []

    def drive(self, rollout_id: int, alive: object) -> bool:
        if rollout_id == self.poisoned:
            raise ValueError("nobody foresaw this")
        self.driven.append(rollout_id)
        return True


def sweep(company: Company, own: Any, engine: Engine) -> Sweep:
    return Sweep(
        desk=own,
        engine=engine,  # type: ignore[arg-type]
        rollouts=company.worker(own),
        dead_after=timedelta(seconds=30),
        bell=Bell(),
    )


def test_a_rollout_that_cannot_be_taken_up_keeps_no_other_waiting(company: Company) -> None:
    first = company.start("upgrade", company.new)
    company.service = company.make_service("shop")
    company.make_host("shop-1")
    second = company.start("deploy", company.version("1.0", company.service), "shop-1")
    engine = Engine(first.pk)

    async def look() -> None:
        with desk() as own:
            await sweep(company, own, engine)._look()

    asyncio.run(look())
    assert engine.driven == [second.pk]


def test_a_nap_never_ends_so_late_that_it_is_a_gap() -> None:
    """A gap begins a bake anew: with one in each nap, a rollout would bake for ever."""
    assert IN_LIFE.gap / 2 >= LOOK_EVERY


def test_who_died_is_counted_though_a_look_fails(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, counted = asyncio.Event(), asyncio.Event()

    async def look(self: Sweep) -> None:
        looked.set()
        raise ValueError("nobody foresaw this")

    async def take_over(self: Sweep) -> None:
        await looked.wait()
        counted.set()

    async def story() -> None:
        with desk() as own:
            sweeping = asyncio.create_task(sweep(company, own, Engine(0)).run())
            await asyncio.wait_for(counted.wait(), 10)
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    monkeypatch.setattr(Sweep, "_look", look)
    monkeypatch.setattr(Sweep, "_take_over", take_over)
    monkeypatch.setattr(Engine, "forget", lambda *_: 0, raising=False)
    asyncio.run(story())
    assert counted.is_set()


def test_what_a_later_rollout_ended_is_held_no_longer(company: Company) -> None:
    """A worker that releases all day must not keep every rollout whose watch was cut short."""
    upgrade = company.run_all("upgrade", company.new)
    assert upgrade.watching

    async def story() -> None:
        with desk() as own:
            swept = sweep(company, own, Engine(0))
            worker = swept._rollouts
            await worker.advance(upgrade.pk)
            driver = weakref.ref(worker._drivers[upgrade.pk])
            await swept._look()
            assert driver() is not None
            await own.run(partial(company.start, "restart", batches="100%"))
            await swept._look()
            gc.collect()
            assert driver() is None
            await company.fleet.close()

    asyncio.run(story())
