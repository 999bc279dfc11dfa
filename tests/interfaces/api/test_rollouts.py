"""Plans, rollouts, instances, locks and the audit through the API."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.api.fleet.instances import shown_instance
from slipway.interfaces.api.rollouts.whole_rollouts import whole_rollout
from slipway.records.fleet import queries as fleet
from slipway.records.fleet.instance_facts import WholeInstance
from slipway.records.rollouts.ask import queries
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, drive, make_version

DEPLOY = {
    "kind": "deploy",
    "service": "billing",
    "environment": "prod",
    "version": "1.0",
    "hosts": ["web-1", "web-2"],
    "port": 8080,
}
UPGRADE = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": "1.1"}
CONFIRMED = {"confirm": "billing"}  # prod is guarded
LOCK = {"service": "billing", "environment": "prod", "reason": "the books are closed"}


def deployed() -> None:
    """Billing 1.0 runs on web-1 and web-2; 1.1 is there."""
    make_version("1.0")
    drive(begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2"))
    make_version("1.1")


def started(person: Person, wish: dict[str, Any] = UPGRADE) -> Any:
    answer = person.post("/rollouts", {**wish, **CONFIRMED})
    assert answer.status_code == 202, answer.content
    return answer.json()


def test_me_is_whoever_asks(alice: Person, bob: Person) -> None:
    """By token, too: the same words find what the owner of each has begun."""
    deployed()
    started(alice)
    for who, count in ((alice, 1), (bob, 0)):
        for path in ("/rollouts", "/services"):
            assert who.get(f"{path}?where=by:me").json()["total"] == count
    assert bob.get("/services/billing/versions?where=by:me").json()["total"] == 0


def test_a_plan_shows_each_host_and_moves_nothing(alice: Person) -> None:
    make_version("1.0")
    plan = alice.post("/plans", DEPLOY)
    assert plan.status_code == 200, plan.content
    assert [target["host"] for target in plan.json()["targets"]] == ["web-1", "web-2"]
    assert plan.json()["bytes_to_move"] == 2000
    assert len(plan.json()["hash"]) == 64
    assert alice.get("/rollouts").json()["total"] == 0


def test_what_stands_in_the_way_is_part_of_the_plan(alice: Person) -> None:
    make_version("1.0")
    plan = alice.post("/plans", {**DEPLOY, "hosts": ["web-1", "web-9"]}).json()
    assert [each["code"] for each in plan["obstacles"] if each["blocking"]] == ["unknown_host"]
    assert plan["obstacles"][0]["hint"]


def test_a_rollout_is_started_and_shown_as_the_contract_says(alice: Person) -> None:
    make_version("1.0")
    answer = alice.post("/rollouts", {**DEPLOY, **CONFIRMED, "reason": "first of all"})
    assert answer.status_code == 202, answer.content
    shown = alice.get(f"/rollouts/{answer.json()['id']}").json()
    assert answer.headers["Location"] == f"/api/v1/rollouts/{shown['id']}"
    assert shown["state"] == "pending"
    assert shown["created_by"] == "alice"
    assert shown["reason"] == "first of all"
    assert {"plan_hash", "reverts", "started_at", "finished_at"} <= shown.keys()
    assert [target["host"] for target in shown["targets"]] == ["web-1", "web-2"]
    assert {"from_version", "to_version", "batch", "attempts", "steps"} <= shown["targets"][
        0
    ].keys()


def test_a_plan_that_no_longer_holds_is_refused_with_what_changed(alice: Person) -> None:
    make_version("1.0")
    plan_hash = alice.post("/plans", DEPLOY).json()["hash"]
    refused = alice.post("/rollouts", {**DEPLOY, "hosts": ["web-1"], "plan_hash": plan_hash})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_changed")
    assert "is not part of it any more." in refused.json()["message"]
    assert "place_gone" in str(refused.json()["values"])
    wish = {**DEPLOY, **CONFIRMED, "plan_hash": plan_hash}
    assert alice.post("/rollouts", wish).status_code == 202


def test_the_second_rollout_is_refused_and_names_who_holds_the_place(
    alice: Person, bob: Person
) -> None:
    deployed()
    first = started(alice)
    refused = bob.post("/rollouts", UPGRADE)
    assert (refused.status_code, refused.json()["code"]) == (409, "active_rollout")
    assert "alice" in refused.json()["message"]
    assert str(first["id"]) in refused.json()["message"]


def test_asking_for_what_runs_already_is_an_answer_and_no_error(alice: Person) -> None:
    deployed()
    answer = alice.post("/rollouts", {**UPGRADE, "version": "1.0"})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["code"], answer.json()["rollout"]) == ("nothing_to_do", None)


def test_latest_is_the_newest_version(alice: Person) -> None:
    deployed()
    assert started(alice, {**UPGRADE, "version": "latest"})["version"] == "1.1"


def test_a_rollout_is_held_let_go_on_and_ended(alice: Person) -> None:
    deployed()
    number = started(alice)["id"]
    assert alice.post(f"/rollouts/{number}/pause", {"reason": "lunch"}).json()["state"] == "paused"
    resumed = alice.post(f"/rollouts/{number}/resume", CONFIRMED)
    assert resumed.json()["state"] in ("pending", "running")
    assert alice.post(f"/rollouts/{number}/promote").json()["code"] == "nothing_to_promote"
    assert alice.post(f"/rollouts/{number}/cancel").json()["cancel_requested"] is True


def test_a_rollout_that_is_over_is_rolled_back_by_a_new_one(alice: Person) -> None:
    deployed()
    upgrade = begin(RolloutKind.UPGRADE, "1.1")
    drive(upgrade)
    answer = alice.post(f"/rollouts/{upgrade.pk}/rollback", CONFIRMED)
    assert answer.status_code == 202, answer.content
    assert answer.json()["reverts"] == upgrade.pk
    assert {target["to_version"] for target in answer.json()["targets"]} == {"1.0"}


def test_what_is_over_is_not_paused(alice: Person) -> None:
    deployed()
    rollout = begin(RolloutKind.UPGRADE, "1.1")
    drive(rollout)
    refused = alice.post(f"/rollouts/{rollout.pk}/pause")
    assert (refused.status_code, refused.json()["code"]) == (409, "rollout_over")


def test_instances_show_wanted_seen_and_previous_version(alice: Person) -> None:
    deployed()
    drive(begin(RolloutKind.UPGRADE, "1.1"))
    page = alice.get("/instances?service=billing&environment=prod&host=web-1").json()
    assert page["total"] == 1
    shown = page["items"][0]
    assert (shown["version"], shown["seen_version"], shown["previous_version"]) == (
        "1.1",
        "1.1",
        "1.0",
    )
    assert (shown["status"], shown["locked"], shown["weight"]) == ("running", False, 100)


def test_nothing_that_the_records_say_is_lost_on_the_way(alice: Person) -> None:
    deployed()
    rollout = queries.list_rollouts(alice.actor)[0]
    said = whole_rollout(rollout.pk)
    shown = alice.get(f"/rollouts/{rollout.pk}").json()
    assert shown.keys() == said.keys()
    assert shown["targets"][0].keys() == said["targets"][0].keys()
    assert len(shown["targets"][0]["steps"]) == len(said["targets"][0]["steps"]) > 0
    instance = WholeInstance.of(fleet.list_instances(alice.actor)[0], timezone.now())
    shown = alice.get(f"/instances/{instance.facts.id}").json()
    assert shown.keys() == shown_instance(instance).keys()


def test_an_instance_is_changed_locked_and_unlocked(alice: Person) -> None:
    deployed()
    number = alice.get("/instances").json()["items"][0]["id"]
    assert alice.patch(f"/instances/{number}", {"weight": 5}).json()["weight"] == 5
    locked = alice.post(f"/instances/{number}/lock", {"reason": "debugging"}).json()
    assert (locked["locked"], locked["locked_by"]) == (True, "alice")
    assert alice.post(f"/instances/{number}/unlock").json()["locked"] is False


def test_a_lock_stops_others_and_another_needs_a_reason_to_break_it(
    alice: Person, bob: Person
) -> None:
    deployed()
    made = bob.post("/locks", {**LOCK, "for": 3600})
    assert made.status_code == 201, made.content
    assert (made.json()["holder"], made.json()["until"] is None) == ("bob", False)
    refused = alice.post("/rollouts", UPGRADE)
    assert (refused.status_code, refused.json()["code"]) == (409, "locked")
    assert "bob" in refused.json()["message"]
    place = {"service": "billing", "environment": "prod"}
    assert alice.post("/locks/release", place).status_code == 403
    assert bob.post("/locks/release", place).status_code == 200
    assert alice.get("/locks").json()["total"] == 0


def test_the_audit_tells_who_did_what_from_where_and_why(root: Person, alice: Person) -> None:
    deployed()
    started(alice, {**UPGRADE, "reason": "a fix"})
    event = root.get("/audit?verb=rollout.started&limit=1").json()["items"][0]
    assert (event["by"], event["service"], event["reason"]) == ("alice", "billing", "a fix")
    assert event["source"] == "127.0.0.1"
    assert event["token"].startswith("tests")


def test_the_audit_is_read_page_by_page(root: Person) -> None:
    first = root.get("/audit?limit=3").json()
    second = root.get(f"/audit?limit=3&before={first['next']}").json()
    numbers = [event["id"] for event in first["items"] + second["items"]]
    assert numbers == sorted(set(numbers), reverse=True)
    later = (timezone.now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert root.get(f"/audit?since={later}").json() == {"items": [], "next": None}


def test_the_log_continues_where_the_last_part_ended(alice: Person) -> None:
    deployed()
    number = alice.get("/rollouts").json()["items"][0]["id"]
    whole = alice.get(f"/rollouts/{number}/log").json()
    rest = alice.get(f"/rollouts/{number}/log?after={whole['next']}").json()
    assert rest["items"] == []


def test_the_output_of_a_step_is_shown(alice: Person) -> None:
    deployed()
    shown = alice.get("/rollouts").json()["items"][0]["id"]
    target = alice.get(f"/rollouts/{shown}").json()["targets"][0]["id"]
    answer = alice.get(f"/rollouts/{shown}/targets/{target}/output?step=switch")
    assert (answer.status_code, answer.json()) == (200, {"output": ""})
    assert alice.get(f"/rollouts/{shown}/targets/{target}/output?step=no").status_code == 404


def test_the_doctor_says_that_no_worker_is_alive_and_what_to_do(root: Person) -> None:
    found = {item["code"]: item for item in root.get("/doctor").json()["items"]}
    assert found["database"]["ok"]
    assert found["migrations"]["ok"]
    assert found["keys"]["ok"]
    assert not found["workers"]["ok"]
    assert "slipway worker" in found["workers"]["hint"]


def test_the_figures_count_what_there_is(root: Person, alice: Person) -> None:
    deployed()
    started(alice)
    text = Client().get("/metrics", headers=root.headers).content.decode()
    assert 'slipway_rollouts{state="pending"} 1.0' in text
    assert 'slipway_instances{state="running"} 2.0' in text
    assert 'slipway_http_requests_total{method="POST",route="api/v1/rollouts",status="202"}' in text
