"""Packages let go by a worker: marked, then removed; what a crash leaves over goes later."""

import asyncio
import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session

from slipway.adapters.packages import DiskPackages
from slipway.controller.releasing.retention import Retention
from slipway.controller.worker import clock
from slipway.controller.worker.desk import Desk
from slipway.core.release.steps import PackageRef
from slipway.ports import PackageDamaged
from slipway.records.accounts.models import RememberedRequest
from slipway.records.accounts.operations.requests import remember_answer
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Package, Version
from slipway.records.catalog.operations.versions import take_version
from slipway.records.catalog.queries.services import get_package_ref
from slipway.records.releasing.models import RetentionRun
from slipway.records.releasing.operations.retention import let_go, request_retention_run
from slipway.records.releasing.retention import (
    get_retention_run,
    preview_retention,
)
from tests.controller.company import desk
from tests.records.people import user_of
from tests.records.storekeeping import keep
from tests.records.world import World

OLD = 3 * 24 * 3600.0  # seconds


class Warehouse(World):
    """billing and its packages, on a disk; all of them are days old."""

    def __init__(self, folder: Path) -> None:
        super().__init__(hosts=1)
        self.service.spec = {"run": "./billing.sh"}
        self.service.save(update_fields=["spec"])
        self.folder = folder
        self.store = DiskPackages(folder)

    def take(self, name: str, *, age: float = OLD) -> Version:
        stored = self.store.ingest(iter([b"#!/bin/sh\n", name.encode()]), filename="billing.sh")
        version, _ = take_version(
            service=self.service, stored=stored, name=name, by=self.boss, now=self.clock()
        )
        self.grow_old(stored.ref.sha256, age)
        return version

    def lose(self, content: bytes, *, age: float = OLD) -> PackageRef:
        """Take in a package that no row is ever written for."""
        ref = self.store.ingest(iter([b"#!/bin/sh\n", content]), filename="lost.sh").ref
        self.grow_old(ref.sha256, age)
        return ref

    def grow_old(self, sha256: str, age: float) -> None:
        then = time.time() - age
        for path in self.folder.rglob(f"{sha256}*"):
            os.utime(path, (then, then))

    def work(self) -> RetentionRun:
        """Ask for a run of everything and have a worker do it."""
        run = request_retention_run(service=None, by=self.boss, now=self.clock())
        self.work_off()
        return get_retention_run(run.pk)

    def work_off(self) -> None:
        async def do() -> None:
            with desk() as own:
                worker = Retention(desk=own, packages=self.store, worker_id="w1")
                while await worker.look_once():
                    pass

        asyncio.run(do())

    def has(self, ref: PackageRef) -> bool:
        try:
            self.store.verified(ref)
        except PackageDamaged:
            return False
        return True


@pytest.fixture
def warehouse(transactional_db: None, tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def ref_of(version: Version) -> PackageRef:
    return get_package_ref(version)


def test_a_run_does_what_the_dry_run_said(warehouse: Warehouse) -> None:
    versions = [warehouse.take(f"1.{number}") for number in range(5)]
    refs = [ref_of(version) for version in versions]
    warehouse.run("deploy", versions[0])
    keep(warehouse, 2)
    preview = preview_retention()
    assert {fate.version for fate in preview.going} == {"1.1", "1.2"}
    run = warehouse.work()
    assert (run.packages, run.problem) == (2, None)
    assert run.freed_bytes >= preview.freed_bytes
    assert [warehouse.has(ref) for ref in refs] == [True, False, False, True, True]
    removed = Event.objects.filter(verb="package.removed")
    assert {event.by_name for event in removed} == {"bob"}
    assert preview_retention().going == ()
    assert warehouse.work().packages == 0


def test_a_run_of_one_service_leaves_the_others_alone(warehouse: Warehouse) -> None:
    ours = warehouse.take("1.0")
    warehouse.take("1.1")
    keep(warehouse, 1)
    shop = warehouse.make_service("shop")
    request_retention_run(service=shop, by=warehouse.boss, now=warehouse.clock())
    warehouse.work_off()
    assert warehouse.has(ref_of(ours))
    request_retention_run(service=warehouse.service, by=warehouse.boss, now=warehouse.clock())
    warehouse.work_off()
    assert Package.objects.filter(removed_at__isnull=False).count() == 1


def test_a_package_that_was_taken_in_again_a_moment_ago_keeps_its_bytes(
    warehouse: Warehouse,
) -> None:
    """Somebody uploads the same file: its bytes are in, its version is about to be written."""
    old = warehouse.take("1.0")
    ref = ref_of(old)
    warehouse.take("1.1")
    keep(warehouse, 1)
    stored = warehouse.store.ingest(iter([b"#!/bin/sh\n", b"1.0"]), filename="billing.sh")
    run = warehouse.work()
    assert (run.packages, run.freed_bytes) == (1, 0)
    assert warehouse.has(ref)
    again, _ = take_version(
        service=warehouse.service,
        stored=stored,
        name="1.0",
        by=warehouse.boss,
        now=warehouse.clock(),
    )
    assert again == old
    assert ref_of(again) == ref
    assert warehouse.has(ref)


def test_bytes_that_a_crash_left_between_mark_and_removal_go_with_a_later_run(
    warehouse: Warehouse,
) -> None:
    old = warehouse.take("1.0")
    ref = ref_of(old)
    warehouse.take("1.1")
    keep(warehouse, 1)
    [package_id] = preview_retention().package_ids
    let_go(package_id=package_id, by=Actor.system(), now=warehouse.clock())
    # Here the worker died.
    assert warehouse.has(ref)
    run = warehouse.work()
    assert (run.packages, run.freed_bytes >= ref.size) == (0, True)
    assert not warehouse.has(ref)


def test_bytes_without_a_row_go_when_they_are_a_day_old(warehouse: Warehouse) -> None:
    kept = [ref_of(warehouse.take(name)) for name in ("1.0", "1.1")]
    old, young = warehouse.lose(b"old"), warehouse.lose(b"young", age=3600.0)
    assert warehouse.work().problem is None
    assert not warehouse.has(old)
    assert warehouse.has(young)
    assert all(map(warehouse.has, kept))


def test_a_store_that_the_database_does_not_know_is_left_alone(warehouse: Warehouse) -> None:
    """A database of another installation, or an old backup: nothing is lost by its mistake."""
    lost = [warehouse.lose(content) for content in (b"a", b"b", b"c")]
    warehouse.take("1.0")
    run = warehouse.work()
    assert str(run.problem).startswith("3 of 4 packages in the store are unknown to the database")
    assert "right database" in (run.problem.hint if run.problem else "")
    assert all(map(warehouse.has, lost))


class IllDisk(DiskPackages):
    """A disk from which nothing can be removed."""

    def remove(self, sha256: str, *, unless_touched_after: datetime | None = None) -> int:
        raise PermissionError(sha256)


def test_a_store_that_fails_ends_the_run_with_a_problem_and_a_later_run_goes_on(
    warehouse: Warehouse,
) -> None:
    ref = ref_of(warehouse.take("1.0"))
    warehouse.take("1.1")
    keep(warehouse, 1)
    well, warehouse.store = warehouse.store, IllDisk(warehouse.folder)
    run = warehouse.work()
    assert "failed inside Slipway" in str(run.problem)
    assert "worker's log" in (run.problem.hint if run.problem else "")
    warehouse.store = well
    assert warehouse.work().problem is None
    assert not warehouse.has(ref)


def eager(own: Desk, warehouse: Warehouse, name: str) -> Retention:
    """One that looks at once for what is of the day."""
    return Retention(
        desk=own,
        packages=warehouse.store,
        worker_id=name,
        look_every=0.01,
        first_daily_after=0.0,
        ask_for_daily_every=0.0,
    )


def test_the_daily_run_comes_by_itself_and_once(warehouse: Warehouse) -> None:
    old = warehouse.take("1.0")
    ref = ref_of(old)
    warehouse.take("1.1")
    keep(warehouse, 1)

    async def two_workers() -> None:
        with desk() as own:
            workers = [eager(own, warehouse, name) for name in ("w1", "w2")]
            loops = [asyncio.create_task(worker.run()) for worker in workers]
            async with asyncio.timeout(60):
                while not await own.run(_is_done):
                    await asyncio.sleep(0.01)
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    asyncio.run(two_workers())
    assert not warehouse.has(ref)
    [run] = RetentionRun.objects.all()
    assert run.day is not None
    assert run.requested_by is None
    [removed] = Event.objects.filter(verb="package.removed")
    assert removed.by_name == "slipway"


def test_answers_and_sessions_whose_time_is_over_are_forgotten(warehouse: Warehouse) -> None:
    now = clock.now()
    for name, age in (("old", timedelta(days=8)), ("young", timedelta(days=6))):
        remember_answer(
            user=user_of(warehouse.alice), key=name, fingerprint="", status=202, answer={},
            now=now - age,
        )  # fmt: skip
        Session.objects.create(session_key=name, expire_date=now - age + timedelta(days=7))

    async def one_worker() -> None:
        with desk() as own:
            loop = asyncio.create_task(eager(own, warehouse, "w1").run())
            async with asyncio.timeout(60):
                while await own.run(Session.objects.count) > 1:
                    await asyncio.sleep(0.01)
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(one_worker())
    assert [each.session_key for each in Session.objects.all()] == ["young"]
    assert [each.key for each in RememberedRequest.objects.all()] == ["young"]


def _is_done() -> bool:
    return RetentionRun.objects.filter(finished_at__isnull=False).exists()
