"""What one worker needs to drive rollouts: a driver for each, kept over its naps."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

import structlog
from django.db import transaction

from slipway.controller.rollouts import pace as paces
from slipway.controller.rollouts.chains import Chains
from slipway.controller.rollouts.driver import Driver, Nap, World
from slipway.controller.rollouts.errands import Errands
from slipway.controller.rollouts.fences import Fences
from slipway.controller.rollouts.inbox import Inbox
from slipway.controller.rollouts.pace import Pace
from slipway.controller.worker import clock
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.failpoints import Point, reach
from slipway.core.hosts.access import HostAccess
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports import Hosts, Packages
from slipway.records.rollouts.run.accesses import accesses, installation
from slipway.records.rollouts.run.claims import Claim, LeaseLost, claim
from slipway.records.rollouts.run.endless import abandon, ask_for_help, is_cancelled
from slipway.records.rollouts.run.keeping import kept_on_hosts
from slipway.records.rollouts.run.later_claims import list_places_ahead
from slipway.records.rollouts.run.loading import Loaded, load
from slipway.records.rollouts.run.state import list_revisions
from slipway.records.rows.database.outages import is_away

LONGEST_DOUBLING = 5
FAULTS_BEFORE_ASKING = 3

log = structlog.get_logger()


class Sleeper(NamedTuple):
    """A rollout that naps until a moment of the loop's clock, or until a revision after `rev`."""

    until: float
    rev: int | None


class Rollouts:
    """Drives rollouts for one worker. `monotonic` counts seconds; the loop's own clock unless
    said."""

    def __init__(
        self,
        *,
        desk: Desk,
        hosts: Hosts,
        packages: Packages,
        worker_id: str,
        pace: Pace | None = None,
        monotonic: Callable[[], float] | None = None,
        hushed: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.desk = desk
        self.worker_id = worker_id
        self.driving: set[int] = set()
        # Rollouts for which there is nothing to do before a moment, or before they change.
        self.napping: dict[int, Sleeper] = {}
        own_clock = monotonic or (lambda: asyncio.get_running_loop().time())
        self._pace = pace or paces.IN_LIFE
        self._world = World(desk, hosts, packages, own_clock, clock.now, self._pace, hushed)
        self._tasks: set[asyncio.Task[object]] = set()
        self._faults: Counter[int] = Counter()
        self._drivers: dict[int, Driver] = {}

    async def advance(self, rollout_id: int) -> None:
        """Drive a rollout until nothing can be done now: it is over, somebody else drives it, or it
        naps. Killed anywhere inside, it is called again and goes on."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.driving.add(rollout_id)
        self.napping.pop(rollout_id, None)
        try:
            await self._advance(rollout_id)
        finally:
            self.driving.discard(rollout_id)
            self._tasks.discard(task)

    async def _advance(self, rollout_id: int) -> None:
        try:
            driver = self._drivers.get(rollout_id) or await self._take_up(rollout_id)
            nap = await driver.until_nothing_to_do() if driver else None
        except LeaseLost as lost:
            self._drivers.pop(rollout_id, None)
            log.info("rollout_left", rollout=rollout_id, why=str(lost))
        except Exception as error:
            self._drivers.pop(rollout_id, None)
            if is_away(error):
                # Whether it was written is not known: another driver reads what is there.
                log.warning("commit_unknown", rollout=rollout_id, error=str(error).strip())
            else:
                log.exception("driver_failed", rollout=rollout_id)
                await self._pause_after(rollout_id, error)
        else:
            self._faults.pop(rollout_id, None)
            self._settle(rollout_id, nap)

    def _settle(self, rollout_id: int, nap: Nap | None) -> None:
        if nap is None:
            self._drivers.pop(rollout_id, None)
        else:
            self._let_nap(rollout_id, nap.seconds, nap.rev)

    async def _pause_after(self, rollout_id: int, error: Exception) -> None:
        """One that fails again and again asks for help, where everybody sees it, and again after
        an answer that did not help. One that is cancelled ends: the word is not its driver's to
        hear when that cannot be driven."""
        self._faults[rollout_id] += 1
        rev, why = None, _told(error)
        if self._faults[rollout_id] >= FAULTS_BEFORE_ASKING:
            try:
                if await self._is_abandoned(rollout_id, why):
                    return
                await self.desk.run(partial(ask_for_help, rollout_id, why, clock.now()))
                rev = (await self.desk.run(partial(list_revisions, (rollout_id,)))).get(rollout_id)
            except Exception:  # the next try says so
                log.exception("help_not_asked_for", rollout=rollout_id)
        pause = self._pace.after_a_fault * 2 ** min(self._faults[rollout_id], LONGEST_DOUBLING)
        self._let_nap(rollout_id, pause, rev)

    async def _is_abandoned(self, rollout_id: int, why: Sentence) -> bool:
        """End it when a person has said so; False when nobody has."""
        if not await self.desk.run(partial(is_cancelled, rollout_id)):
            return False
        held = await self.desk.run(partial(self._claim, rollout_id))
        await self.desk.run(partial(abandon, held, why, clock.now()))
        self._faults.pop(rollout_id, None)
        return True

    def _let_nap(self, rollout_id: int, seconds: float, rev: int | None) -> None:
        self.napping[rollout_id] = Sleeper(asyncio.get_running_loop().time() + seconds, rev)

    def wake(self, revs: Mapping[int, int]) -> None:
        """End the naps whose time has come, and those of rollouts that have changed: `revs`."""
        now = asyncio.get_running_loop().time()
        for rollout_id, sleeper in list(self.napping.items()):
            changed = sleeper.rev is not None and revs.get(rollout_id) != sleeper.rev
            if changed or now >= sleeper.until:
                del self.napping[rollout_id]

    def keep_only(self, ours: Collection[int]) -> None:
        """Let go of what is neither at work, nor napping, nor among `ours`, which wait to be
        driven: somebody else has ended it or taken it over, and nobody here asks for it again."""
        kept = {*ours, *self.driving, *self.napping}
        for gone in self._drivers.keys() - kept:
            del self._drivers[gone]
        for gone in self._faults.keys() - kept:
            del self._faults[gone]

    # --- taking up ---------------------------------------------------------------------------

    async def _take_up(self, rollout_id: int) -> Driver | None:
        """Claim a rollout and read it; None where nothing is left to be driven."""
        held = await self.desk.run(partial(self._claim, rollout_id))
        reach(Point.CLAIMED)
        try:
            known = await self.desk.run(partial(_read, rollout_id))
        except Refused as unreadable:  # that will not be mended by trying
            if not await self._is_abandoned(rollout_id, unreadable.sentence):
                raise
            return None
        driver = self._make(held, known)
        self._drivers[rollout_id] = driver
        return driver

    def _make(self, held: Claim, known: "_Known") -> Driver:
        loaded, doors = known.loaded, known.doors
        inbox = Inbox(clock.now)
        chains = Chains(loaded, known.keep)
        fences = Fences(
            self.desk,
            held,
            loaded,
            installation=known.installation,
            ahead=known.ahead,
            now=clock.now,
        )
        errands = Errands(
            hosts=self._world.hosts,
            packages=self._world.packages,
            loaded=loaded,
            accesses=doors,
            chains=chains,
            inbox=inbox,
            fences=fences,
            now=clock.now,
        )
        return Driver(self._world, held, loaded, doors, chains, errands, inbox, fences)

    @transaction.atomic
    def _claim(self, rollout_id: int) -> Claim:
        return claim(rollout_id=rollout_id, driver=self.worker_id, now=clock.now())

    async def let_go(self) -> None:
        """Stop driving: what runs on hosts runs on there, and whoever drives next joins it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Known(NamedTuple):
    """What a driver reads when it takes a rollout up. `ahead`: places that know a later claim."""

    loaded: Loaded
    doors: dict[str, HostAccess]
    keep: dict[int, tuple[str, ...]]
    installation: str
    ahead: frozenset[str]


def _read(rollout_id: int) -> _Known:
    loaded = load(rollout_id)
    hosts = sorted({row.host_id for row in loaded.rows.values()})
    keep = kept_on_hosts(loaded.service_id, hosts)
    ahead = list_places_ahead(loaded)
    return _Known(loaded, accesses(loaded.plan), keep, installation(), ahead)


def _told(error: Exception) -> Sentence:
    if isinstance(error, Refused):
        return error.sentence
    return Sentence.of(
        "driver_failed",
        "Slipway cannot drive this rollout: {error}.",
        hint="The worker's log has the whole story. Mend it and go on, or cancel.",
        error=type(error).__name__,
    )
