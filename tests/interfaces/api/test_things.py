"""Environments, keys, hosts, services and versions through the API."""

import hashlib
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from slipway.records.fleet.operations.checks import claim_checks, finish_check
from tests.interfaces.archives import package
from tests.interfaces.people import Person
from tests.interfaces.web.fleet import FACTS

PACKAGE = package()


def test_an_environment_is_made_shown_and_changed(root: Person) -> None:
    made = root.post("/environments", {"name": "test", "order": 20, "bake_time": 30})
    assert made.status_code == 201, made.content
    assert made.json()["bake_time"] == 30
    assert made.json()["batches"] == "1 25%"
    changed = root.patch("/environments/test", {"batches": "1 50%"}).json()
    assert (changed["batches"], changed["bake_time"]) == ("1 50%", 30)
    assert [one["name"] for one in root.get("/environments").json()["items"]] == [
        "dev",
        "test",
        "prod",
    ]


def test_a_key_is_made_and_its_private_half_never_shown(root: Person) -> None:
    made = root.post("/keys", {"name": "deploy"})
    assert made.status_code == 201
    assert made.json()["public_key"].startswith("ssh-ed25519 ")
    shown = root.get("/keys").content
    assert b"PRIVATE" not in shown + made.content


@pytest.mark.parametrize(
    ("path", "next_one", "status"),
    [
        ("/services", "billing", 200),
        ("/hosts", "dev-1", 200),
        ("/rollouts", "", 422),
        ("/services/billing/versions", "", 422),
    ],
)
def test_a_long_list_says_how_it_goes_on(
    root: Person, path: str, next_one: str, status: int
) -> None:
    for name in ("billing", "shop"):
        root.post("/services", {"name": name})
    assert root.get(f"{path}?limit=1").json()["next"] == next_one
    refused = root.get(f"{path}?after=-1")
    assert refused.status_code == status, refused.content


def test_an_empty_file_makes_no_new_key(root: Person) -> None:
    refused = root.post("/keys", {"name": "deploy", "private_key": ""})
    assert refused.status_code == 422, refused.content
    assert root.get("/keys/deploy").status_code == 404


def test_a_host_is_added_found_by_label_changed_and_removed(root: Person) -> None:
    body = {"name": "web-3", "address": "10.0.0.3", "environment": "prod", "labels": {"rack": "b"}}
    made = root.post("/hosts", body)
    assert made.status_code == 201, made.content
    assert (made.json()["port"], made.json()["user"], made.json()["key"]) == (22, "root", "default")
    found = root.get("/hosts?label=rack=b&environment=prod").json()
    assert [host["name"] for host in found["items"]] == ["web-3"]
    assert root.patch("/hosts/web-3", {"port": 2222}).json()["port"] == 2222
    assert root.post("/hosts/web-3/maintenance", {"on": True}).json()["state"] == "maintenance"
    assert root.delete("/hosts/web-3").status_code == 200
    assert root.get("/hosts/web-3").status_code == 404


def test_an_address_that_is_an_option_of_ssh_is_refused(root: Person) -> None:
    body = {"name": "evil", "address": "-oProxyCommand=id", "environment": "prod"}
    refused = root.post("/hosts", body)
    assert refused.status_code == 422
    assert refused.json()["hint"]


def test_hosts_are_imported_and_each_problem_is_named(root: Person) -> None:
    text = "name,address,user\nweb-1,10.0.0.1,app\nweb-7,10.0.0.7,app\nbad host,10.0.0.8,app\n"
    body = {"text": text, "filename": "hosts.csv", "environment": "prod"}
    report = root.post("/hosts/import", body)
    assert report.status_code == 200, report.content
    assert report.json()["added"] == ["web-7"]
    assert report.json()["skipped"] == ["web-1"]
    assert len(report.json()["problems"]) == 1
    assert "bad host" in report.json()["problems"][0]


def test_no_file_of_hosts_is_read_for_who_may_not_import(
    charlie: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(text: str, filename: str, format: str) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("slipway.interfaces.api.fleet.host_imports.parse_hosts", read)
    body = {"text": "h-[0:9999]", "filename": "hosts.ini"}
    assert charlie.post("/hosts/import", body).status_code == 403


def test_a_check_is_asked_for_and_followed(root: Person) -> None:
    asked = root.post("/checks", {"environment": "prod", "learn_key": True})
    assert asked.status_code == 202, asked.content
    shown = root.get(f"/checks/{asked.json()['id']}").json()
    assert shown["finished"] is False
    assert [item["host"] for item in shown["items"]] == ["web-1", "web-2"]


def test_a_check_says_what_a_restart_of_the_host_leaves_down(root: Person) -> None:
    group = root.post("/checks", {"environment": "prod"}).json()["id"]
    for check in claim_checks(worker="test", limit=9, now=timezone.now()):
        facts = replace(FACTS, systemd=check.access.name != "web-2")
        finish_check(check=check, facts=facts, host_key=None, problem=None, now=timezone.now())
    first, second = root.get(f"/checks/{group}").json()["items"]
    assert (first["notes"], first["ok"], second["ok"]) == ([], True, True)
    assert [note["message"] for note in second["notes"]] == [
        "web-2 starts no service by scripts when it is restarted: systemd does not run there.",
        "Let the host's own boot scripts start them.",
    ]


@pytest.mark.parametrize("body", [{}, {"hosts": ["web-1"], "environment": "prod"}])
def test_a_check_says_which_hosts_and_says_it_once(root: Person, body: dict[str, object]) -> None:
    assert root.post("/checks", body).status_code == 422


def test_a_service_is_made_changed_and_deleted(root: Person) -> None:
    made = root.post("/services", {"name": "mail", "language": "python"})
    assert made.status_code == 201, made.content
    assert made.json()["created_by"] == "root-person"
    changed = root.patch("/services/mail", {"description": "sends mail"}).json()
    assert (changed["description"], changed["language"]) == ("sends mail", "python")
    assert root.delete("/services/mail").status_code == 200
    assert root.get("/services/mail").status_code == 404


def test_an_unknown_key_of_the_release_spec_is_named(root: Person) -> None:
    refused = root.patch("/services/billing", {"spec": {"rnu": "./x"}})
    assert refused.status_code == 422
    assert "rnu" in refused.json()["message"]


def test_an_unknown_field_is_refused_and_not_passed_over(root: Person) -> None:
    refused = root.patch("/services/billing", {"descripton": "typo"})
    assert refused.status_code == 422
    assert "descripton" in refused.json()["message"]


def test_a_package_becomes_a_version_and_comes_back_byte_for_byte(root: Person) -> None:
    sha256 = hashlib.sha256(PACKAGE).hexdigest()
    path = f"/services/billing/versions?filename=billing.tar.gz&version=1.0&sha256={sha256}"
    made = root.upload(path, PACKAGE)
    assert made.status_code == 201, made.content
    assert (made.json()["sha256"], made.json()["status"]) == (sha256, "success")
    assert root.upload(path, PACKAGE).status_code == 200
    assert root.get("/services/billing/versions/latest").json()["name"] == "1.0"
    got = root.get("/services/billing/versions/1.0/package")
    assert b"".join(got.streaming_content) == PACKAGE
    assert got.headers["Content-Length"] == str(len(PACKAGE))


def test_other_bytes_under_the_same_name_are_refused(root: Person) -> None:
    path = "/services/billing/versions?filename=billing.tar.gz&version=1.0"
    assert root.upload(path, PACKAGE).status_code == 201
    refused = root.upload(path, package(content=b"other"))
    assert (refused.status_code, refused.json()["code"]) == (409, "version_exists")


def test_a_name_is_made_of_time_ref_and_commit_whatever_the_ref_holds(root: Person) -> None:
    path = "/services/billing/versions?filename=b.tar.gz&commit=1a2b3c4d&ref=feat/%22%24(id)%22"
    made = root.upload(path, PACKAGE)
    assert made.status_code == 201, made.content
    assert made.json()["ref"] == 'feat/"$(id)"'
    assert made.json()["name"].endswith("-1a2b3c4")


def test_an_upload_that_was_damaged_on_its_way_is_refused_and_not_kept(root: Person) -> None:
    path = f"/services/billing/versions?filename=b.tar.gz&sha256={'0' * 64}"
    refused = root.upload(path, PACKAGE)
    assert (refused.status_code, refused.json()["code"]) == (422, "package_refused")
    assert root.get("/services/billing/versions").json()["total"] == 0


def test_an_upload_says_that_it_is_bytes(root: Person) -> None:
    path = "/services/billing/versions?filename=b.tar.gz"
    assert root.ask("POST", path, {"a": 1}).status_code == 415


@pytest.mark.parametrize(
    "path", ["/services", "/hosts?environment=prod", "/services/billing/versions"]
)
def test_a_list_asks_the_database_equally_often_however_long_it_is(
    root: Person, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        root.post("/services", {"name": f"more-{number}"})
        body = {"name": f"more-{number}", "address": f"10.9.0.{number}", "environment": "prod"}
        root.post("/hosts", body)
        upload = f"/services/billing/versions?filename=b.tar.gz&version=1.{number}"
        root.upload(upload, package(content=bytes([number])))
    with django_assert_max_num_queries(5):
        assert root.get(path).json()["total"] >= 5


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "9" * 5000])
def test_the_length_of_a_page_is_bounded(root: Person, limit: str) -> None:
    assert root.get(f"/services?limit={limit}").status_code == 422


@pytest.mark.parametrize(
    "since",
    [
        "3072-04-10T01:32:29.4-18:18",
        "2026-11-25T03:00:00+23:59",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2026-11-25T03:00:00",
    ],
)
def test_the_audit_is_asked_from_any_moment_that_can_be_written(root: Person, since: str) -> None:
    assert root.get(f"/audit?{urlencode({'since': since})}").status_code == 200
