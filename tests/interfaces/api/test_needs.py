"""What needs somebody, for programs: what home shows, in the same order, with the commands."""

import shlex
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.rollouts.models import Rollout
from slipway.records.workers.models import Worker
from tests.cli.test_commands_shown import SERVER, wrong_in
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.building import BuildDrive, build_with_gitlab
from tests.interfaces.web.conftest import V1, V2, make_living
from tests.interfaces.web.driving import Drive


@pytest.fixture
def living(company: None) -> None:
    make_living()


def needs(who: Person, query: str = "") -> list[dict[str, Any]]:
    answer = who.get(f"/needs{query}")
    assert answer.status_code == 200
    found = answer.json()
    assert found["total"] >= len(found["items"])
    items: list[dict[str, Any]] = found["items"]
    for command in (command for each in items for command in each["commands"]):
        program, *words = shlex.split(command)
        assert program == "slipway"
        assert words[0] in SERVER or wrong_in(words) == ""
    return items


def halt(by: Actor, *wanted: str) -> Rollout:
    drive = Drive.take(fleet.begin(by, *wanted))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    return Rollout.objects.get(pk=drive.value.number)


def test_where_all_is_well_nothing_needs_anybody(living: None, alice: Person) -> None:
    assert alice.get("/needs").json() == {"items": [], "total": 0}


def test_a_halted_rollout_is_open_until_another_one_follows(living: None, alice: Person) -> None:
    halted = halt(alice.actor, "upgrade", "billing", "prod", V2)
    worst = needs(alice)[0]
    about = {key: worst[key] for key in ("kind", "id", "service", "environment", "code")}
    assert about == {
        "kind": "rollout_failed",
        "id": halted.pk,
        "service": "billing",
        "environment": "prod",
        "code": "rollout_went_wrong",
    }
    assert worst["message"].startswith(f"Rollout {halted.pk} of billing in prod went wrong: ")
    assert worst["commands"] == [f"slipway rollout show {halted.pk}", f"slipway retry {halted.pk}"]
    assert len(needs(alice)) == 1  # its instance is no matter of its own
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert needs(alice) == []


def test_a_gate_is_passed_by_a_command_for_whoever_may(living: None, alice: Person) -> None:
    Environment.objects.filter(name="prod").update(promotion_needed=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    assert needs(alice) == []
    drive.start(drive.targets()[0])
    drive.succeed(drive.targets()[0])
    number = drive.value.number
    (gate,) = needs(alice)
    assert gate["message"] == f"Rollout {number} of billing in prod waits: batch 1 is done."
    assert gate["commands"][0] == f"slipway rollout promote {number}"
    (seen,) = needs(person("vera", ("viewer", "", "")))
    assert seen["commands"] == [f"slipway rollout show {number}"]


def test_what_is_paused_goes_on_by_a_command_and_what_is_cancelled_by_itself(
    living: None, alice: Person
) -> None:
    number = fleet.begin(alice.actor, "restart", "billing", "prod").pk
    drive = Drive.take(Rollout.objects.get(pk=number))
    drive.start(drive.targets()[0])
    Rollout.objects.filter(pk=number).update(state="paused")
    (paused,) = needs(alice)
    assert paused["code"] == "rollout_paused"
    assert paused["commands"][0] == f"slipway rollout resume {number}"
    Rollout.objects.filter(pk=number).update(cancel_requested=True)
    assert needs(alice) == []


def test_where_no_worker_lives_what_was_asked_for_needs_one(living: None, alice: Person) -> None:
    number = fleet.begin(alice.actor, "restart", "billing", "prod").pk
    Worker.objects.all().delete()
    (still,) = needs(alice)
    assert still["code"] == "rollout_without_worker"
    assert "slipway worker" in still["hint"]
    assert still["commands"] == ["slipway worker", f"slipway rollout show {number}"]


def test_places_hosts_and_builds_come_after_in_parts_that_join(living: None, root: Person) -> None:
    build_with_gitlab("billing")
    BuildDrive.ask("billing", root.actor, ref="a b").fail()
    places = Instance.objects.filter(service__name="billing")
    places.filter(host__name="web-1").update(seen_version="0.9")
    places.filter(host__name="web-2").update(seen_version="", healthy=False)
    lost = Sentence.of("lost", "Port 22 refuses.")
    Host.objects.filter(name="web-1").update(
        state=HostState.UNREACHABLE, problem=lost, host_key="ssh-ed25519 AAAA"
    )
    found = needs(root)
    assert [each["kind"] for each in found] == ["instance", "instance", "host", "build"]
    ill, other, host, build = found
    assert (ill["host"], other["host"], host["host"]) == ("web-2", "web-1", "web-1")
    assert other["commands"][0] == f"slipway plan upgrade billing {V1} --env prod --hosts web-1"
    assert host["message"] == "web-1 in prod cannot be reached: Port 22 refuses."
    assert host["commands"][0] == "slipway host check web-1"
    assert build["commands"][-1] == "slipway build start billing --ref 'a b'"
    joined = [each for at in range(5) for each in needs(root, f"?limit=1&offset={at}")]
    assert joined == found
    assert root.get("/needs?limit=2&offset=9").json() == {"items": [], "total": 4}


def test_who_sees_a_service_alone_hears_of_no_other_and_of_no_machine(
    living: None, root: Person
) -> None:
    Host.objects.filter(name="web-1").update(
        state=HostState.UNREACHABLE, problem=Sentence.of("lost", "10.0.30.1 refuses.")
    )
    Instance.objects.filter(host__name="web-2").update(healthy=False)
    mine = needs(person("dora", ("viewer", "billing", "")))
    assert [each["kind"] for each in mine] == ["instance", "host"]
    assert "10.0.30.1" not in str(mine)
    assert needs(person("sam", ("viewer", "shop", "dev"))) == []
    assert needs(person("charlie")) == []


def test_more_that_is_open_takes_no_more_questions(living: None, root: Person) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            needs(root)
        return len(queries)

    Host.objects.filter(name="web-1").update(state=HostState.UNREACHABLE)
    Instance.objects.filter(host__name="web-1").update(healthy=False)
    few = asked()
    Host.objects.update(state=HostState.UNREACHABLE)
    Instance.objects.update(healthy=False)
    halt(root.actor, "upgrade", "billing", "prod", V2)
    assert len(needs(root)) >= 5
    assert asked() <= few


def test_it_is_told_in_chinese_beside_the_english(living: None, alice: Person) -> None:
    halt(alice.actor, "upgrade", "billing", "prod", V2)
    answer = alice.ask("GET", "/needs", **{"Accept-Language": "zh-Hans"}).json()
    told = answer["told"][answer["items"][0]["message"]]
    assert "billing" in told
    assert "went wrong" not in told


@pytest.mark.parametrize("query", ["?limit=0", "?limit=201", "?offset=-1", "?limit=x"])
def test_bounds_are_kept(company: None, alice: Person, query: str) -> None:
    assert alice.get(f"/needs{query}").status_code == 422
