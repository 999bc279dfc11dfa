"""The page of the system says what doctor finds, with what helps, and what each worker has."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway import __version__
from slipway.records.audit.models import Event
from slipway.records.rollouts.models import LaterClaim, Rollout
from slipway.records.workers.models import Worker
from slipway.records.workers.operations import declare_dead, register_worker
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

APP = "app-1:4711:0123456789ab"
NEXT = "app-2:23:ba9876543210"


def worker_rows(text: str) -> list[str]:
    table = text.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def appear(worker: str, version: str) -> None:
    """Let a worker be there, and be heard for as long as any test takes."""
    register_worker(worker_id=worker, now=timezone.now(), version=version)
    Worker.objects.filter(pk=worker).update(beat_at=timezone.now() + timedelta(hours=1))


@pytest.fixture
def alone(living: None) -> None:
    """No worker but those of the test."""
    Worker.objects.all().delete()


def test_it_says_that_all_is_well_only_where_doctor_does(
    alone: None, admin: Person, visit: Visit
) -> None:
    text = page(visit(admin), "/system")
    assert "No worker is alive" in text
    assert "There is no worker: nothing that is asked for gets done." in text
    assert "All is well." not in text
    appear(APP, __version__)
    items = admin.get("/doctor").json()["items"]
    wrong = [each for each in items if not each["ok"]]
    text = laid_flat(page(visit(admin), "/system"))
    said = f"{len(wrong)} of {len(items)} checks found something." if wrong else "All is well."
    assert said in text
    for each in items:
        assert f">{each['code']}</span>" in text
    assert text.count("wrong</span>") == len(wrong)


def test_what_is_wrong_comes_with_what_helps(alone: None, admin: Person, visit: Visit) -> None:
    appear(APP, "0.0.1")
    text = laid_flat(page(visit(admin), "/system"))
    first = text.split("What is wrong")[1].split("Workers</h2>")[0]
    assert "workers run another version" in first
    assert "Restart what still runs the earlier one" in first
    assert "The database answers" not in first
    assert "The database answers" in text


def test_a_worker_is_told_with_what_it_has_in_hand_until_another_takes_it(
    alone: None, admin: Person, alice: Person, visit: Visit
) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    drive = Drive.take(rollout, APP)
    drive.start(drive.targets()[0])
    (row,) = worker_rows(page(visit(admin), "/system"))
    assert row.startswith(f"app-1 (4711) heard #{rollout.pk} billing · prod")
    Worker.objects.filter(pk=APP).update(beat_at=timezone.now() - timedelta(seconds=40))
    assert worker_rows(page(visit(admin), "/system"))[0].startswith("app-1 (4711) silent #")
    appear(NEXT, __version__)
    assert declare_dead(by=NEXT, after=timedelta(seconds=20)) == [APP]
    Rollout.objects.filter(pk=rollout.pk).update(driver=NEXT)
    living, dead = worker_rows(page(visit(admin), "/system"))
    assert living.startswith(f"app-2 (23) heard #{rollout.pk} billing · prod {__version__}")
    assert dead.startswith("app-1 (4711) dead noticed by app-2 (23) nothing")
    Worker.objects.filter(pk=APP).update(dead_at=timezone.now() - timedelta(days=2))
    assert len(worker_rows(page(visit(admin), "/system"))) == 1
    (told,) = admin.get("/doctor/workers").json()["items"]
    assert (told["name"], told["is_heard"]) == ("app-2 (23)", True)
    assert [each["number"] for each in told["rollouts"]] == [rollout.pk]


def test_it_is_for_who_may_ask_doctor(
    living: None, admin: Person, alice: Person, visit: Visit
) -> None:
    wanda = person("wanda", ("admin", "", "prod"))
    for who in (alice, wanda):
        assert visit(who).get("/system").status_code == 403
        assert who.get("/doctor/workers").status_code == 403
        assert 'href="/system"' not in page(visit(who), "/me")
    assert 'href="/system"' in page(visit(admin), "/me")


def test_it_asks_as_often_for_few_workers_as_for_many(
    alone: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)

    def asked(numbers: range) -> int:
        for number in numbers:
            register_worker(worker_id=f"app:{number}:x", now=timezone.now(), version=__version__)
        with CaptureQueriesContext(connection) as queries:
            assert len(worker_rows(page(browser, "/system"))) == numbers.stop
        return len(queries)

    asked(range(1))  # what is looked up once is looked up
    assert asked(range(1, 3)) == asked(range(3, 30))


def test_the_living_are_never_behind_those_that_died_and_what_is_left_out_is_counted(
    alone: None, admin: Person, visit: Visit
) -> None:
    now = timezone.now()
    for number in range(60):
        name = f"dead-{number}:1:x"
        register_worker(worker_id=name, now=now, version=__version__)
        Worker.objects.filter(pk=name).update(dead_at=now - timedelta(minutes=number))
    appear(APP, __version__)
    rows = worker_rows(page(visit(admin), "/system"))
    assert rows[0].startswith("app-1 (4711) heard")
    assert [row.split()[0] for row in rows[1:3]] == ["dead-0", "dead-1"]
    assert len(rows) == 50
    text = laid_flat(page(visit(admin), "/system"))
    assert "11 more died within a day: slipway doctor --workers names them." in text
    rest = admin.get("/doctor/workers?limit=50&offset=50").json()
    assert (rest["total"], len(rest["items"])) == (61, 11)
    assert rest["items"][-1]["name"] == "dead-59 (1)"


def heard_later(rollout: Rollout) -> None:
    """A host has heard a claim of ours that the database has forgotten."""
    LaterClaim.objects.create(
        service=rollout.service,
        host=rollout.targets.earliest("pk").host,
        rollout=rollout,
        epoch=int(timezone.now().timestamp()) + 10**6,
        heard_at=timezone.now(),
    )


def test_claims_are_raised_where_a_host_knows_a_later_one(
    living: None, admin: Person, alice: Person, visit: Visit
) -> None:
    assert 'action="/system/claims"' not in page(visit(admin), "/system")
    heard_later(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    text = page(visit(admin), "/system")
    assert 'action="/system/claims"' in text
    assert 'data-ask="Does no other copy of this installation run?"' in text
    browser = visit(admin)
    told = browser.post("/system/claims", {"reason": "restored"}, follow=True).content.decode()
    event = Event.objects.get(verb="claims.raised")
    after = (event.after or {})["epoch"]
    assert (event.reason, event.by_name) == ("restored", "anna")
    assert f"Claims go on above {after}" in told


def test_claims_that_nobody_knows_above_ours_are_not_raised(
    living: None, admin: Person, alice: Person, visit: Visit
) -> None:
    told = visit(admin).post("/system/claims", {"reason": "x"}, follow=True).content.decode()
    assert "there is nothing to raise" in told
    assert visit(alice).post("/system/claims").status_code == 403
    assert not Event.objects.filter(verb="claims.raised").exists()
