"""The tabs beside a board: who did what when, the plan it carries, what it changes; and the API."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Rollout
from slipway.records.rollouts.operations.steering import pause_rollout, resume_rollout
from slipway.records.rollouts.run.claims import claim
from slipway.records.workers.models import Worker
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat


@pytest.fixture
def drive(living: None, alice: Person) -> Drive:
    rollout = fleet.begin(
        alice.actor, "upgrade", "billing", "prod", V2, batches="1", reason="fixes #7"
    )
    return Drive.take(rollout)


def of(drive: Drive) -> Rollout:
    return Rollout.objects.get(pk=drive.value.number)


def items(text: str) -> list[str]:
    rows = re.findall(r"<li class=\"is-.*?</li>", text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip() for row in rows]


def tab(visit: Visit, who: Person, drive: Drive, name: str) -> str:
    answer = visit(who).get(f"/rollouts/{drive.value.number}/tabs/{name}")
    assert answer.status_code == 200
    return laid_flat(answer.content.decode())


def test_the_timeline_tells_who_did_what_in_its_order(
    drive: Drive, alice: Person, visit: Visit
) -> None:
    rollout = of(drive)
    pause_rollout(rollout=rollout, by=alice.actor, now=timezone.now(), reason="lunch")
    resume_rollout(rollout=of(drive), by=alice.actor, now=timezone.now(), confirm="billing")
    Worker.objects.create(pk="other", started_at=timezone.now(), beat_at=timezone.now())
    claim(rollout_id=rollout.pk, driver="other", now=timezone.now())
    again = Drive.take(of(drive), "test")
    again.start(again.targets()[0])
    again.fail(again.targets()[0])
    again.close(End.HALTED, halted=Cause.VERSION)
    told = items(tab(visit, alice, drive, "timeline"))
    verbs = [
        "rollout started fixes #7 alice",
        "rollout began to run slipway",
        "rollout paused lunch alice",
        "rollout resumed alice",
        "Worker other drives it from now on; until now it was test.",
        "rollout halted",
    ]
    at = [next(n for n, row in enumerate(told) if row.startswith(verb)) for verb in verbs]
    assert at == sorted(at)
    assert not [row for row in told if "alice paused it" in row]  # once, not twice
    answer = alice.get(f"/rollouts/{drive.value.number}/timeline").json()
    assert len(answer["items"]) == len(told)
    assert not answer["is_cut"]
    (paused,) = [each for each in answer["items"] if each["verb"] == "rollout.paused"]
    assert (paused["by"], paused["why"], paused["said"]["message"]) == (
        "alice",
        "lunch",
        "rollout paused",
    )


def test_a_long_timeline_says_that_it_is_cut(drive: Drive, alice: Person, visit: Visit) -> None:
    rollout, said = of(drive), Sentence.of("withdrawn", "{version} is withdrawn here.", version=V2)
    LogLine.objects.bulk_create(
        LogLine(rollout=rollout, sentence=said, at=timezone.now(), rev=rollout.rev)
        for _ in range(501)
    )
    assert "There was more before: see the log." in tab(visit, alice, drive, "timeline")
    assert alice.get(f"/rollouts/{drive.value.number}/timeline").json()["is_cut"]


def test_the_plan_is_the_one_it_carries(drive: Drive, alice: Person, visit: Visit) -> None:
    rollout = of(drive)
    text = tab(visit, alice, drive, "plan")
    assert rollout.plan_hash[:12] in text
    for said in ("web-1:8080", "web-2:8080", "main-2222222", "failure_budget"):
        assert said in text
    kept = alice.get(f"/rollouts/{rollout.pk}/plan").json()
    assert kept["hash"] == rollout.plan_hash
    assert [
        (each["host"], each["batch"], each["from_version"], each["to_version"])
        for each in kept["targets"]
    ] == [("web-1", 1, V1, V2), ("web-2", 2, V1, V2)]
    assert {"key": "batches", "value": "1"} in kept["rules"]
    # What was decided stays, whatever becomes of the environment.
    rollout.environment.batches = "50%"
    rollout.environment.save()
    assert alice.get(f"/rollouts/{rollout.pk}/plan").json() == kept


def test_a_plan_that_cannot_be_read_says_so(drive: Drive, alice: Person, visit: Visit) -> None:
    Rollout.objects.filter(pk=drive.value.number).update(plan={"format": 99})
    assert "This plan is in format 99" in tab(visit, alice, drive, "plan")
    refused = alice.get(f"/rollouts/{drive.value.number}/plan")
    assert refused.status_code == 422
    assert refused.json()["hint"]


def test_changes_are_told_by_place_with_their_commits(
    drive: Drive, alice: Person, visit: Visit
) -> None:
    text = tab(visit, alice, drive, "changes")
    assert "2 places" in text
    assert "Both are made of the same commit." in text
    answer = alice.get(f"/rollouts/{drive.value.number}/changes").json()
    assert answer["moves"] == [{"from_version": V1, "to_version": V2, "places": 2}]
    assert [each["state"] for each in answer["commits"]] == ["same"]
    drive.finish()
    restart = Drive.take(fleet.begin(alice.actor, "restart", "billing", "prod"))
    assert "No version changes" in tab(visit, alice, restart, "changes")


@pytest.mark.parametrize("name", ["timeline", "plan", "changes"])
def test_an_address_leads_to_its_tab_for_whoever_may_see_it(
    drive: Drive, alice: Person, visit: Visit, name: str
) -> None:
    board = f"/rollouts/{drive.value.number}"
    text = laid_flat(visit(alice).get(f"{board}?tab={name}").content.decode())
    shown = re.search(r'<div class="tab-pane target" id="more"[^>]*>', text)
    assert shown
    assert f'data-name="{name}"' in shown[0]
    assert "hidden" not in shown[0]
    assert items(text) or name != "timeline"
    stranger = person("stranger", ("deployer", "shop", "prod"))
    assert visit(stranger).get(f"{board}/tabs/{name}").status_code == 404
    assert stranger.get(f"{board}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["nonsense", "%00", "log"])
def test_an_unknown_tab_is_none(drive: Drive, alice: Person, visit: Visit, name: str) -> None:
    board = f"/rollouts/{drive.value.number}"
    assert visit(alice).get(f"{board}/tabs/{name}").status_code == 404
    assert visit(alice).get(f"{board}?tab={name}").status_code == 200


@pytest.mark.parametrize("name", ["timeline", "plan", "changes"])
def test_more_places_take_no_more_queries(
    living: None, alice: Person, visit: Visit, name: str
) -> None:
    names = tuple(f"more-{number}" for number in range(10))
    fleet.add_hosts("prod", *names)
    fleet.reach_hosts(*names)
    browser, counts = visit(alice), []
    for hosts in (names[:1], names[1:]):
        more: dict[str, Any] = {"hosts": hosts, "port": 8080}
        rollout = fleet.run(alice.actor, "deploy", "billing", "prod", V1, **more)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(f"/rollouts/{rollout.pk}/tabs/{name}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
