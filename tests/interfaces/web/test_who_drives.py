"""Who drives a rollout and since when; and that nobody does, so that nobody waits in vain."""

import re
from datetime import timedelta

from django.utils import timezone

from slipway.records.rollouts.models import Rollout
from slipway.records.workers.models import Worker
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive

APP = "app-1:4711:0123456789ab"
NEXT = "app-2:23:ba9876543210"


def driven(alice: Person, worker: str = APP) -> Rollout:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2), worker)
    drive.start(drive.targets()[0])
    return Rollout.objects.get(pk=drive.value.number)


def fall_silent(worker: str) -> None:
    silent = timezone.now() - timedelta(seconds=40)
    Worker.objects.filter(pk=worker).update(beat_at=silent)


def said_of(visit: Visit, who: Person, rollout: Rollout) -> str:
    text = visit(who).get(f"/rollouts/{rollout.pk}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_the_board_says_who_drives_it_and_since_when(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout = driven(alice)
    text = visit(alice).get(f"/rollouts/{rollout.pk}").content.decode()
    assert rollout.driver_since is not None
    assert "Worker app-1 (4711) drives it" in text
    since = f'<time datetime="{rollout.driver_since.isoformat(timespec="seconds")}" data-clock>'
    assert f"since {since}" in text


def test_that_it_was_taken_over_is_a_line_of_its_log(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout = driven(alice)
    Drive.take(rollout, NEXT)
    said = said_of(visit, alice, rollout)
    assert "Worker app-2 (23) drives it · since" in said
    assert "Worker app-2 (23) drives it from now on; until now it was app-1 (4711)." in said


def test_a_driver_that_is_silent_is_not_said_to_work(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout = driven(alice)
    Worker.objects.create(
        pk=NEXT, started_at=timezone.now(), beat_at=timezone.now() + timedelta(hours=1)
    )
    fall_silent(APP)
    said = said_of(visit, alice, rollout)
    assert "Nobody drives it now. Worker app-1 (4711) is silent. Another worker takes it" in said
    assert "Worker app-1 (4711) drove it · last heard of at" in said
    assert "Nothing for you to do" not in said
    home = visit(alice).get("/").content.decode()
    assert "Nobody drives it now." in home
    assert 'class="rows needs"' not in home  # another one takes it up


def test_without_any_worker_it_is_said_how_to_start_one(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout = driven(alice)
    fall_silent(APP)
    fall_silent("test")
    for said in (said_of(visit, alice, rollout), visit(alice).get("/").content.decode()):
        assert "Nobody drives it now." in said
    assert "No worker is alive." in said_of(visit, alice, rollout)
    assert "Start one with `slipway worker`" in said_of(visit, alice, rollout)


def test_the_api_says_the_same(living: None, alice: Person) -> None:
    rollout = driven(alice)
    driver = alice.get(f"/rollouts/{rollout.pk}").json()["driver"]
    assert (driver["worker"], driver["alive"]) == ("app-1 (4711)", True)
    assert driver["since"]
    fall_silent(APP)
    assert alice.get(f"/rollouts/{rollout.pk}").json()["driver"]["alive"] is False


def test_of_one_that_nobody_took_up_or_is_over_nobody_is_named(living: None, alice: Person) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    assert alice.get(f"/rollouts/{rollout.pk}").json()["driver"] is None
    Drive.take(rollout).finish()
    assert alice.get(f"/rollouts/{rollout.pk}").json()["driver"] is None
