"""Environments, keys, hosts, services, instances, locks, audit, access."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import QUICK, Run
from tests.cli.standin import Reply, Standin, said

HOST = {
    "name": "web-1",
    "address": "10.0.0.11",
    "port": 22,
    "user": "deploy",
    "environment": "prod",
    "state": "ok",
    "labels": {"rack": "a"},
}
GROUP = "0b0e5b44-0f3c-4a57-9d2c-0d5c2b7d6a11"


def item(host: str = "web-1", *, ok: bool | None = True, **more: Any) -> dict[str, Any]:
    return {
        "host": host,
        "finished": ok is not None,
        "ok": ok,
        "code": "",
        "message": "",
        "hint": "",
        "host_key_fingerprint": "SHA256:abc" if ok else "",
        "facts": {},
        **more,
    }


def checked(server: Standin, *items: dict[str, Any]) -> None:
    waiting = [{**each, "finished": False, "ok": None} for each in items]
    server.on("POST /checks", Reply({"id": GROUP}, 202))
    server.on(
        f"GET /checks/{GROUP}",
        {"id": GROUP, "finished": False, "items": waiting},
        {"id": GROUP, "finished": True, "items": list(items)},
    )


ADD = (
    *("host", "add", "web-1", "--address", "10.0.0.11", "--user", "deploy", "--env", "prod"),
    *("--label", "rack=a", "--label", "row=", "--sudo"),
)


def test_a_host_is_added_as_it_was_described(server: Standin, slipway: Run) -> None:
    server.on("POST /hosts", Reply(HOST, 201))
    ended = slipway(*ADD, "-o", "json")
    assert ended.document == HOST
    assert server.asked[0].json == {
        "name": "web-1",
        "address": "10.0.0.11",
        "port": 22,
        "user": "deploy",
        "become": "sudo",
        "environment": "prod",
        "key": "default",
        "labels": {"rack": "a", "row": ""},
    }


def test_accept_key_reaches_the_host_and_prints_its_fingerprint(
    server: Standin, slipway: Run
) -> None:
    server.on("POST /hosts", Reply(HOST, 201))
    server.on("GET /hosts/web-1", {**HOST, "state": "ok"})
    checked(server, item())
    ended = slipway(*ADD, "--accept-key", "-o", "json")
    assert ended.code == 0
    assert "web-1 answers. Host key: SHA256:abc" in ended.err
    assert ended.document["name"] == "web-1"
    (asked,) = server.requests("POST /checks")
    assert asked.json == {"hosts": ["web-1"], "learn_key": True}


def test_a_check_says_what_will_not_be_done_on_a_host_that_is_well(
    server: Standin, slipway: Run
) -> None:
    notes = [{"code": "no_systemd_at_boot", "message": "web-1 starts no scripts.", "values": {}}]
    checked(server, item(notes=notes))
    ended = slipway("host", "check", "web-1")
    assert (ended.code, "web-1 starts no scripts." in ended.err) == (0, True)


def test_a_host_that_does_not_answer_is_added_and_the_command_fails(
    server: Standin, slipway: Run
) -> None:
    server.on("POST /hosts", Reply(HOST, 201))
    checked(server, item(ok=False, code="host_unreachable", message="No route.", hint="Look."))
    ended = slipway(*ADD, "--accept-key", "-o", "json")
    assert ended.code == 1
    assert ended.document["code"] == "host_unreachable"
    assert said(["web-1 is added, but not ready: No route.", "Look."], ended.err)


def test_checking_an_environment_names_every_host_that_is_not_well(
    server: Standin, slipway: Run
) -> None:
    checked(server, item("web-1"), item("web-2", ok=False, message="Its host key changed."))
    ended = slipway("host", "check", "--env", "prod")
    assert ended.code == 1
    assert said(["web-1", "yes", "web-2", "no", "Its host key changed."], ended.out)
    assert server.asked[0].json == {"environment": "prod", "learn_key": False}


def test_a_check_that_nobody_does_says_so(server: Standin, slipway: Run) -> None:
    server.on("POST /checks", Reply({"id": GROUP}, 202))
    server.on(f"GET /checks/{GROUP}", {"id": GROUP, "finished": False, "items": []})
    ended = slipway("host", "check", "web-1", pauses=replace(QUICK, most=0.05))
    assert ended.code == 1
    assert "Is a worker running?" in ended.err


def test_a_check_wants_names_or_an_environment(server: Standin, slipway: Run) -> None:
    assert slipway("host", "check").code == 2
    assert slipway("host", "check", "web-1", "--env", "prod").code == 2
    assert server.asked == []


def test_hosts_are_imported_from_a_file(server: Standin, slipway: Run, tmp_path: Path) -> None:
    file = tmp_path / "hosts.csv"
    file.write_text("name,address\nweb-1,10.0.0.11\n")
    problems = ["web-9: Its address is none."]
    server.on("POST /hosts/import", {"added": ["web-1"], "skipped": [], "problems": problems})
    ended = slipway("host", "import", str(file), "--env", "prod")
    assert ended.code == 1
    assert server.asked[0].json == {
        "text": file.read_text(),
        "filename": "hosts.csv",
        "environment": "prod",
    }
    assert said(["1 added, 0 were there already, 1 not added.", "web-9: Its address"], ended.err)


def test_maintenance_is_on_or_off(server: Standin, slipway: Run) -> None:
    server.on("POST /hosts/web-1/maintenance", HOST)
    assert slipway("host", "maintenance", "web-1", "on", "--reason", "disk").code == 0
    assert server.asked[0].json == {"on": True, "reason": "disk"}
    assert slipway("host", "maintenance", "web-1", "maybe").code == 2


def test_an_environment_gets_only_what_was_said(server: Standin, slipway: Run) -> None:
    server.on("POST /environments", Reply({"name": "prod", "order": 0}, 201))
    words = ["--order", "0", "--bake-time", "5m", "--no-rollback", "--canary-budget", "0"]
    assert slipway("env", "create", "prod", *words).code == 0
    assert server.asked[0].json == {
        "name": "prod",
        "order": 0,
        "bake_time": 300,
        "automatic_rollback": False,
        "canary_budget": 0,
    }


def test_a_key_is_read_from_a_file_or_from_input_never_from_an_argument(
    server: Standin, slipway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("POST /keys", Reply({"name": "default", "public_key": "ssh-ed25519 A"}, 201))
    (tmp_path / "id").write_text("PRIVATE\n")
    assert slipway("key", "add", "default", "--file", str(tmp_path / "id")).code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("PRIVATE\n"))
    assert slipway("key", "add", "default", "--file", "-").code == 0
    assert [asked.json["private_key"] for asked in server.asked] == ["PRIVATE\n"] * 2


def test_a_generated_key_prints_its_public_half(server: Standin, slipway: Run) -> None:
    made = {"name": "default", "public_key": "ssh-ed25519 AAAA"}
    server.on("POST /keys", Reply(made, 201))
    assert slipway("key", "generate", "default").out == "ssh-ed25519 AAAA default\n"
    server.on("GET /keys/default", made)
    assert slipway("key", "show", "default").out == "ssh-ed25519 AAAA default\n"
    assert slipway("key", "generate", "default", "-o", "json").document == made


def test_a_service_takes_its_release_spec_from_a_file(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    spec = tmp_path / "slipway.yaml"
    spec.write_text("run: ./bin/billing --port ${PORT}\nkeep_releases: 3\n")
    server.on("POST /services", Reply({"name": "billing"}, 201))
    words = ["service", "create", "billing", "--language", "go", "--spec", str(spec)]
    assert slipway(*words).code == 0
    assert server.asked[0].json == {
        "name": "billing",
        "language": "go",
        "spec": {"run": "./bin/billing --port ${PORT}", "keep_releases": 3},
    }


@pytest.mark.parametrize("text", ["- a list", "run: [", "just words"])
def test_a_release_spec_that_is_none_is_refused(
    server: Standin, slipway: Run, tmp_path: Path, text: str
) -> None:
    spec = tmp_path / "slipway.yaml"
    spec.write_text(text)
    assert slipway("service", "create", "billing", "--spec", str(spec)).code == 2
    assert server.asked == []


def test_instances_are_asked_for_by_service_environment_and_host(
    server: Standin, slipway: Run
) -> None:
    row = {"id": 1, "service": "billing", "version": "1.0", "seen_version": "0.9"}
    server.lists("GET /instances", row)
    words = ["--service", "billing", "--env", "prod", "--host", "web-1", "-o", "json"]
    assert slipway("instance", "list", *words).document == [row]
    query = server.asked[0].query
    assert (query["service"], query["environment"], query["host"]) == ("billing", "prod", "web-1")


def test_an_instance_is_changed_in_what_was_said_only(server: Standin, slipway: Run) -> None:
    server.on("PATCH /instances/3", {"id": 3})
    words = ["--weight", "0", "--tag", "", "--no-maintain"]
    assert slipway("instance", "set", "3", *words).code == 0
    assert server.asked[0].json == {"weight": 0, "tag": "", "is_maintain": False}
    assert slipway("instance", "set", "3").code == 2
    assert slipway("instance", "set", "3", "--weight", "1001").code == 2


def test_locks_are_listed_and_released(server: Standin, slipway: Run) -> None:
    lock = {"service": "billing", "environment": "prod", "holder": "bob", "reason": "freeze"}
    server.lists("GET /locks", lock)
    assert slipway("lock", "list", "-o", "json").document == [lock]
    server.on("POST /locks/release", {})
    assert slipway("unlock", "billing", "--env", "prod", "--reason", "over").code == 0
    assert server.asked[-1].json == {"service": "billing", "environment": "prod", "reason": "over"}


def test_audit_events_are_fetched_back_to_the_wanted_number(server: Standin, slipway: Run) -> None:
    def page(first: int, count: int) -> Reply:
        rows = [{"id": first - place, "verb": "host.added"} for place in range(count)]
        return Reply({"items": rows, "next": None})

    server.on("GET /audit", page(300, 200), page(100, 50))
    ended = slipway("audit", "list", "--limit", "250", "--env", "prod", "-o", "json")
    assert [row["id"] for row in ended.document] == list(range(300, 50, -1))
    assert [asked.query.get("before") for asked in server.asked] == [None, "101"]


def test_a_new_token_is_printed_alone_on_standard_output(server: Standin, slipway: Run) -> None:
    server.on("POST /tokens", Reply({"token": "slw_x_y", "name": "ci"}, 201))
    words = ["ci", "--role", "deployer", "--service", "billing", "--expires", "90d"]
    ended = slipway("token", "create", *words)
    assert ended.out == "slw_x_y\n"
    assert server.asked[0].json == {
        "name": "ci",
        "role": "deployer",
        "service": "billing",
        "expires": 90 * 24 * 3600,
    }


def test_a_grant_is_taken_away_by_what_it_says(server: Standin, slipway: Run) -> None:
    server.on("DELETE /grants", {})
    words = ["grant", "remove", "bob", "--role", "deployer"]
    assert slipway(*words, "--env", "prod").code == 0
    grant = {"user": "bob", "role": "deployer", "service": "", "environment": "prod"}
    assert server.asked[0].json == grant


def test_a_persons_password_comes_from_input(
    server: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("POST /users", Reply({"username": "bob"}, 201))
    monkeypatch.setattr("sys.stdin", io.StringIO("long enough\n"))
    assert slipway("user", "create", "bob", "--password-stdin").code == 0
    assert server.asked[0].json["password"] == "long enough"


def test_the_doctor_fails_when_something_is_wrong(server: Standin, slipway: Run) -> None:
    well = {"code": "database", "ok": True, "message": "The database answers.", "hint": ""}
    ill = {"code": "workers", "ok": False, "message": "No worker.", "hint": "Start one."}
    server.on("GET /doctor", {"items": [well]})
    assert slipway("doctor").code == 0
    server.on("GET /doctor", {"items": [well, ill]})
    ended = slipway("doctor")
    assert ended.code == 1
    assert said(["workers", "No worker.", "Start one."], ended.out)
