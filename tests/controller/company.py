"""A company whose hosts are in memory, driven by the real controller."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from slipway.controller.rollouts import advance as rollouts
from slipway.controller.rollouts.advance import Rollouts
from slipway.controller.rollouts.pace import Pace
from slipway.controller.worker.desk import Desk
from slipway.core.release.steps import PackageRef
from slipway.records.rollouts.models import Rollout
from tests.fakes.hosts import FakeHosts
from tests.records.world import World

# Waits that are long in life are short here.
QUICK = Pace(
    beat=0.01, slowest_beat=0.01, gather=0.0, listen=0.02, ask_again=0.01, look=0.2, watch=0.1,
    looks_a_second=10_000, forget_after=0.0,
)  # fmt: skip
ALL_AT_ONCE = {"batches": "100%", "max_unavailable": "100%"}


class AnyPackages:
    """A store that has whatever is asked for; hosts in memory never open the file."""

    def portable(self, ref: PackageRef, *, tools: tuple[str, ...]) -> tuple[PackageRef, Path]:
        return ref, Path("/dev/null")


class Company(World):
    """`hosts` of prod, 1.0 and 1.1 of billing; `drive` is what a worker does."""

    def __init__(self, hosts: int = 4, **policy: object) -> None:
        super().__init__(hosts, **policy)
        # Shorter than anybody may ask for: a test has no ten minutes.
        self.environment.patience = timedelta(seconds=0.5)
        self.environment.save(update_fields=["patience"])
        for host in self.hosts:
            host.host_key = "ssh-ed25519 AAAAfake"
            host.save()
        self.fleet = FakeHosts()
        self.old, self.new = self.version("1.0"), self.version("1.1")

    def drive(
        self, rollout: Rollout, scenario: Callable[["Rollouts"], Awaitable[None]] | None = None
    ) -> Rollout:
        """Drive until there is nothing to do; `scenario` happens at the same time."""
        asyncio.run(self._drive(rollout.pk, scenario))
        return Rollout.objects.get(pk=rollout.pk)

    def drive_to_the_end(
        self, rollout: Rollout, scenario: Callable[["Rollouts"], Awaitable[None]] | None = None
    ) -> Rollout:
        """Drive over all naps, as a worker's sweep does, until the rollout is over; `scenario`
        happens at the same time."""

        async def story() -> None:
            with desk() as own:
                worker = self.worker(own)
                row = Rollout.objects.filter(pk=rollout.pk, finished_at=None)
                async with bounded(60), asyncio.TaskGroup() as tasks:
                    if scenario is not None:
                        tasks.create_task(_ended(scenario(worker)))
                    while await own.run(row.exists):
                        await worker.advance(rollout.pk)
                        await until(partial(self._has_slept, worker, rollout.pk))
                await self.fleet.close()

        asyncio.run(story())
        return Rollout.objects.get(pk=rollout.pk)

    def worker(self, own: Desk, name: str = "worker-1", pace: Pace = QUICK) -> Rollouts:
        return Rollouts(
            desk=own,
            hosts=self.fleet,
            packages=AnyPackages(),  # type: ignore[arg-type]
            worker_id=name,
            pace=pace,
        )

    def _has_slept(self, worker: Rollouts, rollout_id: int) -> bool:
        nap = worker.napping.get(rollout_id)
        return nap is None or asyncio.get_running_loop().time() >= nap.until

    def run_all(self, kind: str, version: object = None, **more: object) -> Rollout:
        return self.drive(self.start(kind, version, **{**ALL_AT_ONCE, **more}))  # type: ignore[arg-type]

    async def _drive(
        self, rollout_id: int, scenario: Callable[["Rollouts"], Awaitable[None]] | None
    ) -> None:
        with desk() as own:
            worker = self.worker(own)
            async with bounded(60), asyncio.TaskGroup() as tasks:
                tasks.create_task(worker.advance(rollout_id))
                if scenario is not None:
                    tasks.create_task(_ended(scenario(worker)))
            await self.fleet.close()

    def running(self) -> dict[str, str]:
        """What runs, seen on the hosts."""
        found = {}
        for host in self.hosts:
            instances = self.fleet.at(host.name).instances
            found[host.name] = next((one.running for one in instances.values()), "")
        return found


@asynccontextmanager
async def bounded(seconds: float) -> AsyncIterator[None]:
    """Raises AssertionError with where each task stood, shortly before that long is over."""
    told = io.StringIO()

    def tell() -> None:
        for task in asyncio.all_tasks():
            task.print_stack(file=told)

    asking = asyncio.get_running_loop().call_later(seconds * 0.9, tell)
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise AssertionError(f"not within {seconds:g} s\n{told.getvalue()}") from None
    finally:
        asking.cancel()


@contextmanager
def desk() -> Iterator[Desk]:
    own = Desk(threads=2)
    try:
        yield own
    finally:
        own.close()


async def _ended(happening: Awaitable[None]) -> None:
    await happening


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something is so; the test's own timeout bounds it."""
    while not condition():
        await asyncio.sleep(0.005)


__all__ = ["ALL_AT_ONCE", "QUICK", "Company", "rollouts", "until"]


def with_an_ill_version() -> Company:
    """Four hosts that run 1.0; of 1.1 nobody has ever seen a healthy one."""
    own = Company()
    assert own.run_all("deploy", own.old).state == "succeeded"
    own.fleet.unhealthy.add("1.1")
    return own
