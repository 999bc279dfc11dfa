"""How long a rollout still takes: from earlier ones of the same service there, and absent where
there are none."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.rollout.value.words import Cause, End
from slipway.interfaces.web.templatetags.marks import about
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.histories.time_left import time_left_of
from slipway.records.rollouts.models import Rollout, Target
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

MINUTE = timedelta(minutes=1)


def took(host: str, time: timedelta) -> None:
    """Let what has been on `host` have taken so long."""
    Target.objects.filter(host__name=host, finished_at__isnull=False).update(
        finished_at=F("started_at") + time
    )


def begin(alice: Person) -> Drive:
    Environment.objects.filter(name="prod").update(bake_time=timedelta(0))
    return Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))


def left(drive: Drive) -> TimeLeft | None:
    rollout = Rollout.objects.get(pk=drive.value.number)
    return time_left_of(rollout, drive.targets(), timezone.now())


def shown(visit: Visit, who: Person, drive: Drive) -> str:
    text = laid_flat(page(visit(who), f"/rollouts/{drive.value.number}"))
    found = re.search(r'<p class="small" id="time-left">(.*?)</p>', text)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", found[1])).strip() if found else ""


def test_each_host_takes_what_it_took_before(living: None, alice: Person, visit: Visit) -> None:
    took("web-1", 2 * MINUTE)
    took("web-2", 4 * MINUTE)
    drive = begin(alice)
    assert left(drive) == TimeLeft(6 * MINUTE, waits=0, earlier=1)
    said = shown(visit, alice, drive)
    end = f"{timezone.now() + 6 * MINUTE:%H:%M}", f"{timezone.now() + 5.98 * MINUTE:%H:%M}"
    assert said.startswith(tuple(f"About 6 min left· done about {each}·" for each in end))
    assert said.endswith("as 1 earlier rollout took here")
    answer = alice.get(f"/rollouts/{drive.value.number}").json()
    assert answer["time_left"] == {"seconds": 360, "waits": 0, "earlier": 1}
    first, _second = drive.targets()
    drive.start(first)
    Target.objects.filter(pk=first.pk).update(started_at=timezone.now() - MINUTE)
    now = left(drive)
    assert now is not None
    assert now.work == pytest.approx(5 * MINUTE, abs=timedelta(seconds=20))
    drive.succeed(first)
    after = left(drive)
    assert after is not None
    assert after.work == 4 * MINUTE


def test_nothing_is_said_without_a_history(living: None, alice: Person, visit: Visit) -> None:
    Target.objects.update(finished_at=None)  # nothing that has come to an end
    drive = begin(alice)
    assert left(drive) is None
    assert shown(visit, alice, drive) == ""
    assert alice.get(f"/rollouts/{drive.value.number}").json()["time_left"] is None


def test_what_is_usual_is_looked_up_once_while_a_rollout_is_under_way(
    living: None, alice: Person
) -> None:
    took("web-1", 2 * MINUTE)
    took("web-2", 4 * MINUTE)
    drive = begin(alice)
    rollout, targets = Rollout.objects.get(pk=drive.value.number), drive.targets()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            told = time_left_of(rollout, targets, timezone.now())
        counts.append(len(asked))
        assert told == TimeLeft(6 * MINUTE, waits=0, earlier=1)
    assert counts == [2, 0]
    drive.finish()
    took("web-1", 8 * MINUTE)
    took("web-2", 8 * MINUTE)
    back = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V1, batches="1"))
    assert left(back) == TimeLeft(16 * MINUTE, waits=0, earlier=2)


def test_what_failed_before_and_other_kinds_tell_nothing(living: None, alice: Person) -> None:
    drive = begin(alice)
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    restart = Drive.take(fleet.begin(alice.actor, "restart", "billing", "prod"))
    assert left(restart) is None
    restart.finish()
    again = begin(alice)
    told = left(again)
    assert told is not None
    assert told.earlier == 1  # the one that deployed it


def test_watching_counts_and_waits_for_people_are_apart(
    living: None, alice: Person, visit: Visit
) -> None:
    took("web-1", MINUTE)
    took("web-2", MINUTE)
    Environment.objects.filter(name="prod").update(bake_time=5 * MINUTE, promotion_needed=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    assert left(drive) == TimeLeft(7 * MINUTE, waits=1, earlier=1)
    assert "done about" not in shown(visit, alice, drive)  # nobody knows when they come
    assert "· 1 wait for a person besides" in shown(visit, alice, drive)
    first, second = drive.targets()
    drive.start(first)
    drive.succeed(first)
    Target.objects.filter(pk=first.pk).update(finished_at=timezone.now() - 9 * MINUTE)
    assert left(drive) == TimeLeft(MINUTE, waits=1, earlier=1)
    Rollout.objects.filter(pk=drive.value.number).update(promoted_batches=1)
    assert left(drive) == TimeLeft(MINUTE, waits=0, earlier=1)
    drive.start(second)
    assert left(drive) is not None
    drive.succeed(second)
    assert left(drive) is None


def test_a_new_host_takes_what_is_usual(living: None, alice: Person) -> None:
    took("web-1", 2 * MINUTE)
    took("web-2", 4 * MINUTE)
    fleet.add_hosts("prod", "new-1")
    fleet.reach_hosts("new-1")
    more: dict[str, Any] = {"hosts": ("new-1",), "port": 8080}
    drive = Drive.take(fleet.begin(alice.actor, "deploy", "billing", "prod", V1, **more))
    assert left(drive) == TimeLeft(3 * MINUTE, waits=0, earlier=1)


def test_what_stands_still_has_no_time_left(living: None, alice: Person) -> None:
    drive = begin(alice)
    Rollout.objects.filter(pk=drive.value.number).update(state="paused")
    assert left(drive) is None
    Rollout.objects.filter(pk=drive.value.number).update(state="running", cancel_requested=True)
    assert left(drive) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "10 s"),
        (23, "20 s"),
        (58, "1 min"),
        (200, "3 min 30 s"),
        (590, "10 min"),
        (4000, "1 h 7 min"),
    ],
)
def test_it_is_told_as_coarsely_as_it_is_known(seconds: int, said: str) -> None:
    with override("en"):
        assert about(timedelta(seconds=seconds)) == said
