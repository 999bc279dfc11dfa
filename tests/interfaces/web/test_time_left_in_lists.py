"""Home, the list of rollouts and a service's page say how long what is under way still takes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.operations.services import create_service
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models import Rollout, Target
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import page

LISTS = ("/", "/rollouts", "/services", "/services/billing")
TAKES = {"web-1": timedelta(minutes=2), "web-2": timedelta(minutes=4)}


def begin(alice: Person) -> Drive:
    for host, time in TAKES.items():
        Target.objects.filter(host__name=host).update(finished_at=F("started_at") + time)
    Environment.objects.update(bake_time=timedelta(0))
    return Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))


def text(visit: Visit, who: Person, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page(visit(who), path)))


@pytest.mark.parametrize("path", LISTS)
def test_what_is_under_way_says_how_long_it_still_takes(
    living: None, alice: Person, visit: Visit, path: str
) -> None:
    drive = begin(alice)
    assert "about 6 min left" in text(visit, alice, path)
    first = drive.targets()[0]
    drive.start(first)
    drive.succeed(first)
    assert "about 4 min left" in text(visit, alice, path)
    Rollout.objects.filter(pk=drive.value.number).update(state="paused")
    assert "left" not in text(visit, alice, path).replace("left out", "")
    chinese = visit(alice)
    chinese.cookies["django_language"] = "zh-hans"
    Rollout.objects.filter(pk=drive.value.number).update(state="running")
    assert "约剩 4 分钟" in chinese.get(path).content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_said_where_nobody_knows(
    living: None, alice: Person, visit: Visit, path: str
) -> None:
    Target.objects.update(started_at=None)
    Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    assert "min left" not in text(visit, alice, path)


@pytest.mark.parametrize("path", ["/", "/rollouts", "/services"])
def test_many_that_are_under_way_take_no_more_queries(
    living: None, admin: Person, visit: Visit, path: str
) -> None:
    begin(admin)
    browser, counts = visit(admin), []
    for number in range(5):
        if number:
            service = create_service(
                name=f"svc-{number}", language="go", by=Actor.system(), now=timezone.now()
            )
            fleet.make_version(service.name, V1)
            wanted = ("deploy", service.name, "prod", V1)
            fleet.run(Actor.system(), *wanted, hosts=("web-1", "web-2"), port=9000 + number)
            fleet.make_version(service.name, V2)
            fleet.begin(Actor.system(), "upgrade", service.name, "prod", V2)
        with CaptureQueriesContext(connection) as captured:
            shown = browser.get(path).content.decode()
        counts.append(len(captured))
    assert shown.count(' class="left"') == 5
    assert counts[-1] <= counts[1]


def test_a_halt_is_told_once_on_the_page_of_its_service(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin(alice)
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    shown = text(visit, alice, "/services/billing")
    assert shown.count("Halted: ") == 1
    assert shown.count("Locked by rollout #") == 2  # on the way, and where it is released
