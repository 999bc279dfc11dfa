"""Build servers, builds, comparisons and deliveries through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from slipway.core.builds.seen import Commit, Comparison, Finding
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.builds.operations import comparisons, deliveries
from slipway.records.builds.operations.endings import end_without_package
from slipway.records.catalog.models import Build, BuildLogPart, Service
from slipway.records.catalog.operations import servers
from tests.interfaces.people import Person
from tests.interfaces.releases import make_version

SECRET = "glpat-nobody-may-see-this"
GITLAB = {
    "name": "gitlab",
    "kind": "gitlab",
    "base_url": "https://gitlab.example.com",
    "credential": SECRET,
    "hook_secret": SECRET,
}
SHA = "a" * 40


@pytest.fixture
def built(root: Person) -> Person:
    """Billing is built by a command; answers with who may everything."""
    root.post("/build-servers", {"name": "ci", "kind": "command"})
    body: dict[str, object] = {"build_server": "ci", "build_project": "/srv/app.git"}
    body["build"] = {"refs": ["main"], "accepts": ["TARGET"]}
    assert root.patch("/services/billing", body).status_code == 200
    return root


def asked(who: Person, **wish: Any) -> Any:
    answer = who.post("/services/billing/builds", {"ref": "main", **wish})
    assert answer.status_code == 202, answer.content
    return answer.json()


def test_a_build_server_is_made_shown_changed_and_forgotten(root: Person) -> None:
    made = root.post("/build-servers", GITLAB)
    assert made.status_code == 201, made.content
    assert (made.json()["credential_set"], made.json()["hook_secret_set"]) == (True, True)
    assert [one["name"] for one in root.get("/build-servers").json()["items"]] == ["gitlab"]
    changed = root.patch("/build-servers/gitlab", {"credential": ""})
    assert changed.json()["credential_set"] is False
    assert root.delete("/build-servers/gitlab").status_code == 200
    assert root.get("/build-servers/gitlab").status_code == 404


def test_no_answer_shows_a_secret(built: Person) -> None:
    answers = [
        built.post("/build-servers", GITLAB, **{"Idempotency-Key": "k"}),
        built.post("/build-servers", GITLAB, **{"Idempotency-Key": "k"}),
        built.get("/build-servers"),
        built.get("/build-servers/gitlab"),
        built.patch("/build-servers/gitlab", {"hook_secret": SECRET + "2"}),
        built.patch("/services/billing", {"hook_secret": SECRET}),
        built.get("/services/billing"),
        built.get("/services"),
        built.get("/audit"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, *[200] * 7]
    assert not any(SECRET.encode() in answer.content for answer in answers)
    assert built.get("/services/billing").json()["hook_secret_set"] is True


def test_a_credential_is_given_again_with_another_address(root: Person) -> None:
    root.post("/build-servers", GITLAB)
    refused = root.patch("/build-servers/gitlab", {"base_url": "https://elsewhere.example.com"})
    assert refused.status_code == 422


@pytest.mark.parametrize("text", ["no certificate", "-----BEGIN CERTIFICATE-----\nä", "ä"])
def test_what_is_no_ca_certificate_is_refused(root: Person, text: str) -> None:
    refused = root.post("/build-servers", {**GITLAB, "ca_certificate": text})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_a_build_server_is_tested_by_a_worker(built: Person) -> None:
    started = built.post("/build-servers/ci/checks", {"project": "/srv/app.git"})
    assert started.status_code == 202
    number = started.json()["id"]
    assert built.get(f"/build-servers/checks/{number}").json()["finished"] is False
    findings = [
        Finding.of("answers", "It answers.", True),
        Finding.of("no_project", "No such project.", False, hint="Look there."),
    ]
    servers.finish_server_check(check_id=number, findings=findings, now=timezone.now())
    shown = built.get(f"/build-servers/checks/{number}").json()
    assert (shown["finished"], shown["works"], shown["server"]) == (True, False, "ci")
    assert shown["findings"][1] == {
        "what": "No such project.",
        "what_code": "no_project",
        "what_values": {},
        "works": False,
        "hint": "Look there.",
    }


def test_a_service_says_how_it_is_built(built: Person) -> None:
    shown = built.get("/services/billing").json()
    assert (shown["build_server"], shown["build_origin"]) == ("ci", "command")
    assert shown["build"] == {"refs": ["main"], "accepts": ["TARGET"]}
    assert built.patch("/services/billing", {"keep_versions": 3}).json()["keep_versions"] == 3
    assert built.patch("/services/billing", {"keep_versions": 0}).status_code == 422
    assert built.patch("/services/billing", {"build": {"rfes": []}}).status_code == 422
    assert built.patch("/services/billing", {"build_server": "none"}).status_code == 422
    left = built.patch("/services/billing", {"build_server": "", "keep_versions": None}).json()
    assert (left["build_server"], left["keep_versions"]) == ("", None)


def test_whose_server_builds_a_service_is_not_its_admin_s_to_choose(
    built: Person, bob: Person
) -> None:
    body = {"build_server": "ci", "build_project": "/srv/others.git"}
    assert bob.patch("/services/billing", body).status_code == 403
    build = {"refs": ["main"], "accepts": ["TARGET"], "timeout": "5m"}
    assert bob.patch("/services/billing", {"build": build}).status_code == 200


def test_a_build_is_asked_for_and_shown(built: Person, alice: Person) -> None:
    build = asked(alice, commit=SHA, variables={"TARGET": "linux"}, description="for monday")
    assert (build["status"], build["stage"], build["server"]) == ("pending", "wanted", "ci")
    assert (build["ref"], build["commit"], build["created_by"]) == ("main", SHA, "alice")
    assert built.get(f"/builds/{build['id']}").json() == build
    assert built.get("/builds").json()["items"] == [build]
    assert built.get("/services/billing/builds").json() == {"items": [build], "total": 1}
    assert built.get("/services/shop/builds").json()["total"] == 0
    version = built.get(f"/services/billing/versions/{build['version']}").json()
    assert (version["build"], version["status"]) == (build["id"], "pending")


@pytest.mark.parametrize("name", ["CC", "GOFLAGS", "npm_config_registry", "TARGET2"])
def test_a_deployer_gives_no_variable_that_the_service_does_not_declare(
    built: Person, alice: Person, bob: Person, name: str
) -> None:
    wish = {"ref": "main", "variables": {"TARGET": "arm", name: "sh -c id"}}
    refused = alice.post("/services/billing/builds", wish)
    assert refused.status_code == 422
    assert f"the variable {name}" in refused.json()["message"]
    assert built.get("/services/billing/builds").json()["total"] == 0
    declared = {"build": {"accepts": ["TARGET", name]}}
    for who in (alice, bob):  # a command runs on the worker: not for the service's admin, either
        assert who.patch("/services/billing", declared).status_code == 403
    assert built.patch("/services/billing", declared).status_code == 200
    assert alice.post("/services/billing/builds", wish).status_code == 202
    told = built.get("/audit?verb=build.requested").json()["items"][0]
    assert told["after"]["variables"] == sorted([name, "TARGET"])


def test_a_build_that_is_asked_for_again_with_its_key_is_the_same(built: Person) -> None:
    wish = {"ref": "main", "commit": SHA}
    answers = [
        built.post("/services/billing/builds", wish, **{"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Build.objects.count() == 1


def test_a_commit_that_is_on_its_way_is_a_duplicate_unless_forced(built: Person) -> None:
    first = asked(built, commit=SHA)
    second = asked(built, commit=SHA)
    assert (second["status"], second["duplicate_of"]) == ("duplicate", first["version"])
    assert asked(built, commit=SHA, force=True)["status"] == "pending"


def test_a_service_that_nobody_builds_says_so(root: Person) -> None:
    refused = root.post("/services/shop/builds", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_built_here")
    assert refused.json()["hint"]


def test_a_build_is_cancelled_once_and_not_after_its_end(built: Person) -> None:
    number = asked(built)["id"]
    for _ in range(2):
        assert built.post(f"/builds/{number}/cancel").json()["cancel_requested_at"]
    fail(number)
    refused = built.post(f"/builds/{number}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "build_over")


def fail(number: int) -> None:
    end_without_package(
        build=Build.objects.select_related("version__service").get(pk=number),
        status=VersionStatus.FAILED,
        reason=Sentence.of("build_failed_there", "It failed on the build server."),
        now=timezone.now(),
    )


def test_a_log_is_read_piece_by_piece_while_it_grows_and_after_the_end(built: Person) -> None:
    number = asked(built)["id"]
    for start, text in ((0, "hello "), (6, "world")):
        BuildLogPart.objects.create(build_id=number, start=start, text=text)
    Build.objects.filter(pk=number).update(log_size=11)
    first = built.get(f"/builds/{number}/log").json()
    assert first == {"text": "hello world", "next": 11, "size": 11, "is_over": False}
    assert built.get(f"/builds/{number}/log?start=8").json()["text"] == "rld"
    fail(number)
    last = built.get(f"/builds/{number}/log?start=6").json()
    assert last == {"text": "world", "next": 11, "size": 11, "is_over": True}
    assert built.get(f"/builds/{number}/log?start=-1").status_code == 422


def test_a_late_success_is_offered_and_taken_once(built: Person) -> None:
    number = asked(built, commit=SHA)["id"]
    assert built.post(f"/builds/{number}/take").status_code == 409
    fail(number)
    Build.objects.filter(pk=number).update(late_at=timezone.now(), external_id="7")
    shown = built.get(f"/builds/{number}").json()
    assert (shown["reason"], bool(shown["late_at"])) == ("It failed on the build server.", True)
    old = built.get(f"/services/billing/versions/{shown['version']}").json()
    assert (old["status"], bool(old["late_at"]), old["reason"]) == ("failed", True, shown["reason"])
    taken = built.post(f"/builds/{number}/take")
    assert (taken.status_code, taken.json()["status"]) == (202, "building")
    assert taken.json()["originator"] == "late"
    assert taken.json()["version"] != shown["version"]
    assert built.get(f"/builds/{number}").json()["late_at"] is None
    assert built.post(f"/builds/{number}/take").status_code == 409


def test_an_uploaded_version_has_no_build(root: Person) -> None:
    make_version("1.0")
    shown = root.get("/services/billing/versions/1.0").json()
    assert (shown["build"], shown["reason"], shown["late_at"]) == (0, "", None)
    assert shown["package_removed_at"] is None


def test_the_list_of_versions_costs_the_same_for_many(
    built: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        asked(built, commit=f"{number:040d}")
    with django_assert_max_num_queries(12):
        assert built.get("/services/billing/versions").json()["total"] == 20
        assert built.get("/builds").json()["total"] == 20


def test_what_lies_between_two_versions_is_asked_of_the_build_server(built: Person) -> None:
    base, head = (asked(built, commit=sha * 40)["version"] for sha in "ab")
    path = f"/services/billing/compare?base={base}&head={head}"
    assert built.get(path).json()["state"] == "asked"
    (wish,) = comparisons.list_comparisons_to_make(now=timezone.now(), limit=5)
    now = timezone.now()
    commit = Commit("b" * 40, "Mend it", "Alice", now, "https://x.example/b")
    found_there = Comparison((commit,), 1, "https://x.example")
    comparisons.finish_comparison(comparison_id=wish.id, found=found_there, now=now)
    found = built.get(path).json()
    assert (found["state"], found["total"], found["commits"][0]["title"]) == ("ready", 1, "Mend it")
    same = built.get(f"/services/billing/compare?base={base}&head={base}").json()
    assert (same["state"], same["total"]) == ("ready", 0)


def test_a_version_without_a_commit_cannot_be_compared(built: Person) -> None:
    make_version("1.0")
    make_version("1.1")
    found = built.get("/services/billing/compare?base=1.0&head=1.1").json()
    assert (found["state"], found["commits"]) == ("unknown", [])
    assert built.get("/services/billing/compare?base=1.0&head=9").status_code == 404


def test_deliveries_of_webhooks_are_listed(built: Person) -> None:
    deliveries.take_delivery(
        service=Service.objects.get(name="billing"),
        source="gitlab",
        key="k",
        external_id="7",
        now=timezone.now() - timedelta(seconds=5),
    )
    (shown,) = built.get("/services/billing/deliveries").json()["items"]
    assert (shown["source"], shown["external_id"], shown["build"]) == ("gitlab", "7", None)
    assert built.get("/services/shop/deliveries").json()["total"] == 0
