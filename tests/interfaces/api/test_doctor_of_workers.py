"""`doctor` names workers of another version or clock, and what nobody goes on with."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from slipway import __version__
from slipway.core.builds.state import BuildStage
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.doctor.verdicts import DoctorFinding
from slipway.records.catalog.models import Build
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.releasing.models import RetentionRun
from slipway.records.workers.models import Worker
from slipway.records.workers.operations import beat, register_worker
from tests.controller.works import Works
from tests.records.world import World

pytestmark = pytest.mark.django_db
LONG = timedelta(hours=1)


def found(code: str) -> DoctorFinding:
    return next(each for each in findings(timezone.now()) if each.code == code)


def test_a_worker_of_another_version_is_named() -> None:
    register_worker(worker_id="new:1:x", now=timezone.now(), version=__version__)
    assert found("versions").ok
    register_worker(worker_id="old:2:x", now=timezone.now(), version="0.0.1")
    register_worker(worker_id="older:3:x", now=timezone.now())
    told = found("versions").said
    assert not found("versions").ok
    assert "old:2:x (0.0.1), older:3:x (an earlier one)" in told.english
    assert "Restart" in told.english_hint


def test_a_worker_whose_clock_was_stepped_is_named() -> None:
    register_worker(worker_id="here:1:x", now=timezone.now())
    assert found("clocks").ok
    assert beat(worker_id="here:1:x", now=timezone.now() - LONG)
    told = found("clocks").said.english
    assert "worker here:1:x" in told
    assert "this server" not in told
    assert "1h" in told


def test_a_worker_that_is_dead_has_no_clock() -> None:
    register_worker(worker_id="here:1:x", now=timezone.now() - LONG)
    Worker.objects.update(beat_at=Now() - LONG / 2)
    assert found("clocks").ok


def test_a_build_that_no_living_worker_has_is_named_with_its_last_one(tmp_path: Path) -> None:
    works = Works(tmp_path)
    build = works.ask(ref="main")
    Build.objects.filter(pk=build.pk).update(
        claimed_by="gone:1:x", stage=BuildStage.WATCHED, due_at=timezone.now() - LONG
    )
    assert (
        f"build {build.pk} of billing (last with worker gone:1:x)" in found("leases").said.english
    )
    assert "slipway build cancel" in found("leases").said.english_hint
    Build.objects.filter(pk=build.pk).update(claimed_by=works.worker)
    assert found("leases").ok


def test_a_check_and_a_look_at_packages_that_nobody_does_are_named(living_host: Host) -> None:
    now = timezone.now()
    check = HostCheck.objects.create(host=living_host, group="0" * 32, requested_at=now)
    RetentionRun.objects.create(requested_at=now)
    assert found("leases").ok
    HostCheck.objects.update(requested_at=now - LONG, claimed_at=now - LONG)
    RetentionRun.objects.update(requested_at=now - LONG)
    told = found("leases").said.english
    assert "check of host web-1, look at the packages" in told
    HostCheck.objects.filter(pk=check.pk).update(finished_at=now, ok=True)
    RetentionRun.objects.update(claimed_at=now)
    assert found("leases").ok


@pytest.fixture
def living_host() -> Host:
    World(hosts=1)
    Host.objects.update(name="web-1")
    return Host.objects.get()
