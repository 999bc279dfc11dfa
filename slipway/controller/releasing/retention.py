"""Lets go of packages that nothing needs: once a day, and when somebody asks for it; and of answers
and sessions whose time is over."""

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from slipway.controller.worker import clock
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.round import Round
from slipway.core.words.refusal import Refused
from slipway.ports import Packages
from slipway.records.accounts.operations.requests import forget_answers
from slipway.records.accounts.operations.sessions import forget_sessions
from slipway.records.accounts.rights import Actor
from slipway.records.releasing.operations import retention
from slipway.records.releasing.retention import list_not_kept, list_unknown, preview_retention

FAULT = "retention_failed"
# A package that was taken in is not touched for so long: its version may be about to be written.
YOUNG = timedelta(hours=1)
# What lies in the store this long without a row that keeps it was left over by a crash.
LEFT_OVER = timedelta(days=1)

log = structlog.get_logger()


class StoreUnknown(Refused):
    """Most of what lies in the store is nothing that the database ever heard of."""

    code = "store_unknown"


class Retention:
    """Marks first, removes then: a crash in between leaves bytes that a later run finds.

    It looks for wishes every so many seconds, and for the run of the day seldom; at first after a
    while: whoever has just upgraded may look around before anything goes.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        packages: Packages,
        worker_id: str,
        look_every: float = 5.0,
        first_daily_after: float = 300.0,
        ask_for_daily_every: float = 60.0,
    ) -> None:
        self._desk = desk
        self._packages = packages
        self._worker_id = worker_id
        self._look_every = look_every
        self._first_daily_after = first_daily_after
        self._ask_for_daily_every = ask_for_daily_every

    async def run(self) -> None:
        """Look for wishes until cancelled, and make the one of the day."""
        look = Round(self.look_once, FAULT, self._look_every)
        await asyncio.gather(look.run(), self._ask_for_daily())

    async def _ask_for_daily(self) -> None:
        await asyncio.sleep(self._first_daily_after)
        await Round(self._begin_daily, FAULT, self._ask_for_daily_every).run()

    async def _begin_daily(self) -> None:
        for begin in (retention.begin_daily_run, forget_answers, forget_sessions):
            await self._desk.run(partial(begin, now=clock.now()))

    async def look_once(self) -> bool:
        """Do one run that waits; returns whether there was one."""
        run = await self._desk.run(
            lambda: retention.claim_retention_run(worker=self._worker_id, now=clock.now())
        )
        if run is None:
            return False
        problem: Refused | None = None
        left_over = 0
        try:
            await self._let_go(run)
            left_over = await self._tidy_up() if not run.service else 0
        except Refused as refused:
            problem = refused
        except Exception:
            log.exception("retention_run_failed", run=run.id)
            problem = _failed()
        await self._desk.run(
            lambda: retention.finish_retention_run(
                run_id=run.id,
                worker=self._worker_id,
                now=clock.now(),
                problem=problem,
                left_over=left_over,
            )
        )
        return True

    async def _let_go(self, run: retention.ClaimedRun) -> None:
        preview = await self._desk.run(partial(preview_retention, run.service))
        for package_id in preview.package_ids:
            sha256 = await self._desk.run(partial(_mark, package_id, run.by))
            if sha256 is None:  # needed since, or let go by another worker
                continue
            freed = await self._remove(sha256, YOUNG)
            if not await self._desk.run(partial(_note, run.id, self._worker_id, freed)):
                log.warning("retention_run_lost", run=run.id)
                return

    async def _tidy_up(self) -> int:
        """Remove what lies in the store and is kept by no row; returns the bytes freed.

        Raises StoreUnknown rather than empty the store for a database that never knew it.
        """
        untouched = await asyncio.to_thread(
            lambda: list(self._packages.list_untouched(clock.now() - LEFT_OVER))
        )
        unknown = await self._desk.run(partial(list_unknown, untouched))
        if len(unknown) * 2 > len(untouched):
            raise _store_unknown(len(unknown), len(untouched))
        freed = 0
        for sha256 in await self._desk.run(partial(list_not_kept, untouched)):
            freed += await self._remove(sha256, LEFT_OVER)
        if freed:
            log.info("left_over_packages_removed", bytes=freed)
        return freed

    async def _remove(self, sha256: str, older_than: timedelta) -> int:
        """Remove the bytes unless they are needed again; returns how many."""
        if not await self._desk.run(partial(list_not_kept, [sha256])):
            return 0
        limit = clock.now() - older_than
        return await asyncio.to_thread(
            partial(self._packages.remove, sha256, unless_touched_after=limit)
        )


def _mark(package_id: int, by: Actor) -> str | None:
    return retention.let_go(package_id=package_id, by=by, now=clock.now())


def _note(run_id: int, worker: str, freed_bytes: int) -> bool:
    return retention.note_removed(
        run_id=run_id, worker=worker, freed_bytes=freed_bytes, now=clock.now()
    )


def _store_unknown(unknown: int, count: int) -> StoreUnknown:
    return StoreUnknown(
        "{unknown} of {count} packages in the store are unknown to the database: nothing of that"
        " was removed.",
        hint="Is it the right database, or an older backup of it? If all is as it should be, remove"
        " them from the package folder by hand.",
        unknown=unknown,
        count=count,
    )


def _failed() -> Refused:
    return Refused(
        "The retention run failed inside Slipway.",
        hint="The worker's log says why. What was let go is written down; the rest comes next day.",
    )
