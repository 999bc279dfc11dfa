"""What a plan says for itself: it ran elsewhere before, its hosts have room, how long each batch
works, and what stops it."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host
from slipway.records.rollouts.models import Rollout, Target
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat

MINUTE = timedelta(minutes=1)
WISH = {"service": "billing", "environment": "prod", "kind": "upgrade", "version": V2}


def shown(visit: Visit, who: Person, **more: str) -> str:
    answer = visit(who).get("/rollouts/new", WISH | more)
    assert answer.status_code == 200
    text = laid_flat(answer.content.decode())
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))


def never_begun() -> None:
    """As a driver writes: with the revision of its rollout."""
    Target.objects.update(started_at=None)
    Rollout.objects.update(rev=F("rev") + 1)


def planned(who: Person, **more: Any) -> dict[str, Any]:
    answer = who.post("/plans", WISH | more)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def signs(who: Person, **more: Any) -> dict[str, str]:
    return {each["code"]: each["message"] for each in planned(who, **more)["good_signs"]}


def in_dev() -> Drive:
    more: dict[str, Any] = {"hosts": ("dev-1",), "port": 8080}
    return Drive.take(fleet.begin(Actor.system(), "deploy", "billing", "dev", V2, **more))


def test_room_is_told_of_the_fullest_host(living: None, alice: Person, visit: Visit) -> None:
    anna = person("anna", ("admin", "", ""))  # sees machines, too
    facts = Host.objects.get(name="web-2").facts
    Host.objects.filter(name="web-2").update(facts=facts | {"disk_free": 40 * 2**30})
    said = "Each needs about 5.7 MB; the fullest, web-2, had 40.0 GB free when it was looked at."
    assert signs(anna)["room"] == said
    assert f"Room on the hosts {said}" in shown(visit, anna)
    assert "room" not in signs(person("dora", ("deployer", "billing", "")))
    assert "Room on" not in shown(visit, anna, kind="restart", version="")  # nothing is sent
    Host.objects.filter(name="web-2").update(facts=facts | {"disk_free": 2**20})
    assert "room" not in signs(anna)
    Host.objects.filter(name="web-2").update(facts={})  # nobody knows
    assert "room" not in signs(anna)


def test_that_it_ran_elsewhere_before_is_told(living: None, alice: Person, visit: Visit) -> None:
    assert "ran_before" not in signs(alice)
    drive = in_dev()
    assert "ran_before" not in signs(alice)
    drive.finish()
    number = drive.value.number
    said = signs(alice)["ran_before"]
    assert said.startswith(f"Rollout {number} ended well in dev, ")
    assert "the same bytes, sha256 " in said
    assert f"It ran in dev Rollout {number} ended well in dev" in shown(visit, alice)
    assert "ran_before" not in signs(alice, version=V1)
    of_prod = person("dora", ("deployer", "billing", "prod"))
    assert "ran_before" not in signs(of_prod)  # who may not look at dev
    with rules_away(connection):
        Rollout.objects.filter(pk=number).update(state="partial")
    assert "ran_before" not in signs(alice)


def test_a_version_that_was_taken_back_elsewhere_did_not_run_there(
    living: None, alice: Person
) -> None:
    drive = in_dev()
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    assert "ran_before" not in signs(alice)


def test_each_batch_says_how_long_it_works(living: None, alice: Person, visit: Visit) -> None:
    for host, time in (("web-1", 2 * MINUTE), ("web-2", 4 * MINUTE)):
        Target.objects.filter(host__name=host).update(finished_at=F("started_at") + time)
    plan = planned(alice, batches="1")
    assert (plan["batch_seconds"], plan["batch_begin_seconds"]) == ([120, 240], [0, 120])
    text = shown(visit, alice, batches="1")
    assert "Canary 1 host · about 2 min" in text
    assert "Batch 2 1 host · about 4 min" in text
    Environment.objects.filter(name="prod").update(bake_time=timedelta(minutes=5))
    assert planned(alice, batches="1")["batch_begin_seconds"] == [0, 420]
    never_begun()
    plan = planned(alice, batches="1")
    assert (plan["batch_seconds"], plan["batch_begin_seconds"]) == ([], [])
    assert "1 host · about" not in shown(visit, alice, batches="1")


def test_each_batch_says_when_at_the_readers_clock(
    living: None, alice: Person, visit: Visit
) -> None:
    """As if it were started now; where a person is waited for, that is said."""
    for host, time in (("web-1", 2 * MINUTE), ("web-2", 4 * MINUTE)):
        Target.objects.filter(host__name=host).update(finished_at=F("started_at") + time)
    Environment.objects.filter(name="prod").update(bake_time=timedelta(minutes=5))
    browser = visit(alice)
    browser.cookies["slipway_zone"] = "Asia/Shanghai"
    text = laid_flat(browser.get("/rollouts/new", WISH | {"batches": "1"}).content.decode())
    found = re.findall(r'<time datetime="([^"]*)" data-clock="minutes">([\d:]*)</time>', text)
    moments = [datetime.fromisoformat(each) for each, _said in found]
    assert [(each - moments[0]).total_seconds() / 60 for each in moments] == [0, 2, 7, 11]
    assert abs(timezone.now() - moments[0]) < timedelta(minutes=1)
    shanghai = ZoneInfo("Asia/Shanghai")
    assert [said for _each, said in found] == [f"{m.astimezone(shanghai):%H:%M}" for m in moments]
    assert "The times are as if it were started now. 1 failure" in text
    Environment.objects.filter(name="prod").update(promotion_needed=True)
    assert "started now, and nobody waited for." in shown(visit, alice, batches="1")
    assert "The times are" in shown(visit, alice)
    never_begun()
    text = shown(visit, alice, batches="1")
    assert "The times are" not in text
    assert "1 failure of the version stops it" in text


def test_what_stops_it_is_told_before_it_starts(living: None, alice: Person, visit: Visit) -> None:
    back = "then what it changed goes back by itself, each place to its own earlier version."
    assert f"1 failure of the version stops it: {back}" in shown(visit, alice, batches="1")
    more = shown(visit, alice, batches="1", failure_budget="1")
    assert f"2 failures of the version stop it, in the canary 1 does: {back}" in more
    Environment.objects.filter(name="prod").update(automatic_rollback=False)
    assert "stops it: then nothing goes back by itself." in shown(visit, alice)
    assert "of the version" not in shown(visit, alice, kind="restart", version="")


def test_a_plan_for_no_host_has_no_line_of_batches(
    living: None, alice: Person, visit: Visit
) -> None:
    empty = visit(alice).get("/rollouts/new", WISH | {"environment": "dev"}).content.decode()
    assert "nobody takes part" in empty
    assert "plan-line" not in empty
    assert "plan-stop" not in empty
    assert "plan-line" in visit(alice).get("/rollouts/new", WISH).content.decode()
