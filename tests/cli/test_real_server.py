"""The commands and the real API understand each other; nothing but the workers is missing."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from slipway.adapters.packages import DiskPackages
from slipway.interfaces import doors
from slipway.interfaces.entrance.admission import BUCKETS
from slipway.interfaces.entrance.buckets import Rate
from slipway.records.rollouts.models import Rollout
from tests.cli.conftest import Ended, Run
from tests.interfaces.archives import package
from tests.interfaces.people import person
from tests.interfaces.releases import drive

LONG_PASSWORD = "correct horse battery staple"


@pytest.fixture
def real(
    transactional_db: None,
    live_server: LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[None]:
    """The whole API on a socket, asked by somebody who may do everything."""
    settings.SLIPWAY_RATES = (Rate(1e6, 10**6), Rate(1e6, 10**6))
    BUCKETS.clear()
    doors.open(packages=DiskPackages(tmp_path / "store"))
    monkeypatch.setenv("SLIPWAY_URL", live_server.url)
    monkeypatch.setenv("SLIPWAY_TOKEN", person("root-person", is_superuser=True).token)
    (tmp_path / "billing.tar.gz").write_bytes(package())
    (tmp_path / "newer.tar.gz").write_bytes(package(content=b"#!/bin/sh\nexec true\n"))
    (tmp_path / "slipway.yaml").write_text("run: ./bin/app --port ${PORT}\n")
    (tmp_path / "hosts.csv").write_text("name,address\nweb-3,10.0.0.3\nweb-4,-oBad\n")
    yield
    BUCKETS.clear()


@pytest.fixture
def does(real: None, slipway: Run, tmp_path: Path) -> Run:
    """Run a command, written as one line, that has to be understood and done."""

    def run(line: str, *, code: int = 0) -> Ended:
        words = line.replace("FOLDER", str(tmp_path)).split()
        ended = slipway(*words)
        assert ended.code == code, ended.err
        return ended

    return run


def test_a_fleet_is_set_up_looked_at_and_taken_down(does: Run) -> None:
    does("env create prod --order 30 --bake-time 0s --canary-budget 0")
    does("env change prod --max-unavailable 50% --progress-deadline 5m --no-promotion")
    assert does("env show prod -o json").document["progress_deadline"] == 300
    assert "ssh-ed25519" in does("key generate default").out
    assert [row["name"] for row in does("key list -o json").document] == ["default"]
    does("host add web-1 --address 10.0.0.1 --user deploy --env prod --label rack=a --sudo")
    does("host import FOLDER/hosts.csv --env prod --key default --user deploy", code=1)
    rows = does("host list --env prod -o json").document
    assert [row["name"] for row in rows] == ["web-1", "web-3"]
    assert [row["name"] for row in does("host list --label rack=a -o json").document] == ["web-1"]
    assert "deploy@10.0.0.1:22" in does("host show web-1").out
    does("host maintenance web-3 on --reason disk")
    does("host maintenance web-3 off")
    does("host forget-key web-3 --yes")
    does("host remove web-3 --yes")


def test_services_come_and_go(does: Run) -> None:
    does("service create billing --language go --label team=money --spec FOLDER/slipway.yaml")
    does("service change billing --description bills")
    assert "bills" in does("service show billing").out
    assert len(does("service list --search bill -o json").document) == 1
    does("service create other --language other")
    does("service delete other --yes")


def test_builds_are_asked_for_looked_at_and_ended(does: Run, tmp_path: Path) -> None:
    (tmp_path / "build.yaml").write_text("command: make package\nrefs: [main]\naccepts: [A]\n")
    (tmp_path / "secret").write_text("a secret of webhooks")
    does("build-server add ci --kind command --credential-file FOLDER/secret")
    does("build-server change ci --hook-secret-file FOLDER/secret")
    assert "set" in does("build-server list").out
    assert does("build-server show ci -o json").document["credential_set"] is True
    does("service create billing --build-server ci --build-project /srv/app.git")
    does("service change billing --build FOLDER/build.yaml --keep-versions 3")
    does("service change billing --hook-secret-file FOLDER/secret")
    assert "make package" in does("service show billing").out
    words = "build start billing --ref main --commit 1a2b3c4 --var A=1"
    asked = does(f"{words} -o json").document
    assert does(f"{words} -o json").document["duplicate_of"] == asked["version"]
    assert len(does("build list --service billing -o json").document) == 2
    number = asked["id"]
    assert does(f"build show {number} -o json").document["status"] == "pending"
    assert does(f"build log {number}").out == ""
    does(f"build cancel {number}")
    does(f"build take {number}", code=2)
    assert does(f"version show billing {asked['version']} -o json").document["build"] == number
    does(f"version compare billing {asked['version']} {asked['version']}")
    does("build-server remove ci --yes", code=2)


def test_rules_and_retention_are_set_and_shown(does: Run, town: None) -> None:
    does("release-rule add billing --env prod --ref main --ref release/*")
    assert does("release-rule list -o json").document[0]["refs"] == ["main", "release/*"]
    does("release-rule remove billing --env prod --yes")
    assert does("retention show --kept -o json").document["items"][0]["version"] == "1.0"
    assert "needed" in does("retention show --service billing").err
    does("retention run --service billing")
    does("env create test --order 20")
    does("promote billing --from test --to prod", code=2)
    driven(does("deploy billing 1.0 --env prod --hosts web-1 --port 80 --confirm billing -o json"))
    does("promote billing --from prod --to prod --wait")
    shown = does("version show billing 1.0 -o json").document
    assert shown["history"][0]["host"] == "web-1"
    assert shown["passages"][-1]["targets"] == {"succeeded": len(shown["history"])}


def test_people_and_programs_are_let_in_and_sent_away(
    does: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(LONG_PASSWORD + "\n"))
    does("user create bob --password-stdin")
    does("grant add bob --role deployer --env prod")
    assert "bob" in does("grant list").out
    does("grant remove bob --role deployer --env prod")
    monkeypatch.setattr("sys.stdin", io.StringIO(LONG_PASSWORD + "!\n"))
    does("user password bob --password-stdin")
    does("user disable bob --yes")
    made = does("token create ci --role deployer --env prod --expires 1h -o json").document
    assert "ci" in does("token list").out
    does(f"token revoke {made['prefix']} --yes")


def test_locks_audit_and_doctor_answer(does: Run, town: None) -> None:
    does("lock billing --env prod --reason freeze --for 2h")
    assert does("lock list -o json").document[0]["reason"] == "freeze"
    does("unlock billing --env prod")
    events = does("audit list --limit 500 -o json").document
    assert {"host.added", "service.created"} <= {event["verb"] for event in events}
    does("audit list --env prod --since 2020-01-01T00:00:00Z")
    assert {check["code"] for check in does("doctor -o json", code=1).document["items"]} >= {
        "database",
        "workers",
    }


@pytest.fixture
def town(does: Run) -> None:
    does("env create prod")
    does("key generate default")
    for number in (1, 2):
        does(f"host add web-{number} --address 10.0.0.{number} --env prod")
    does("service create billing --spec FOLDER/slipway.yaml")
    does("version upload billing FOLDER/billing.tar.gz --version 1.0 --ref main --commit 1a2b3c4")


def driven(ended: Ended) -> str:
    """Do by hand what a worker would, and return the number of the rollout."""
    drive(Rollout.objects.get(pk=ended.document["id"]))
    return str(ended.document["id"])


def test_versions_go_up_and_come_back(does: Run, town: None, tmp_path: Path) -> None:
    again = does("version upload billing FOLDER/billing.tar.gz --version 1.0")
    assert "was there already" in again.err
    does("version upload billing FOLDER/newer.tar.gz --version 1.0", code=2)
    named = does("version upload billing FOLDER/newer.tar.gz --ref f/x --commit 99 -o json")
    shown = does("version show billing latest -o json").document
    assert [each["environment"] for each in shown.pop("destinations")]
    assert shown == {**named.document, "passages": [], "history": []}
    assert len(does("version list billing -o json").document) == 2
    does("version download billing 1.0 FOLDER/back.tar.gz")
    assert (tmp_path / "back.tar.gz").read_bytes() == (tmp_path / "billing.tar.gz").read_bytes()


def test_operations_are_planned_started_steered_and_taken_back(does: Run, town: None) -> None:
    plan = does(
        "plan deploy billing latest --env prod --hosts web-1,web-2 --port 8080 --batches 1"
        " --no-rollback -o json"
    )
    assert [target["host"] for target in plan.document["targets"]] == ["web-1", "web-2"]
    first = does(
        "deploy billing latest --env prod --hosts web-1,web-2 --port 8080 --batches 1"
        f" --no-rollback --plan-hash {plan.document['hash']} --reason first --confirm billing"
        " -o json"
    )
    assert does("restart billing --env prod -o json", code=2).document["code"] != "invalid"
    number = driven(first)
    done = does(f"rollout show {number} -o json").document
    assert [target["state"] for target in done["targets"]] == ["succeeded", "succeeded"]
    assert "succeeded" in does(f"rollout show {number}").out
    open_things = does("-o json").document
    assert {"items", "total", "rollouts", "builds"} == open_things.keys()
    does(f"rollout log {number}")
    assert does("upgrade billing 1.0 --env prod --wait -o json").document["code"] == "nothing_to_do"
    does("version upload billing FOLDER/newer.tar.gz --version 1.1")
    does("plan upgrade billing 1.1 --env prod")
    fast = "--max-unavailable 1 --failure-budget 0"
    driven(does(f"upgrade billing 1.1 --env prod {fast} --confirm billing -o json"))
    does("plan rollback billing --env prod")
    driven(does("rollback billing --env prod --confirm billing -o json"))
    instances = does("instance list --service billing --env prod --host web-1 -o json").document
    assert [(row["host"], row["version"]) for row in instances] == [("web-1", "1.0")]
    does(f"instance set {instances[0]['id']} --weight 5 --tag blue --maintain")
    does(f"instance lock {instances[0]['id']} --reason hands")
    does(f"instance unlock {instances[0]['id']}")
    assert "blue" in does(f"instance show {instances[0]['id']}").out
    assert does("rollout list --service billing --env prod --limit 2 -o json").document[0]["id"]


def test_a_rollout_is_steered_by_its_number(does: Run, town: None) -> None:
    where = "--env prod --hosts web-1,web-2 --port 80"
    number = does(f"deploy billing 1.0 {where} --confirm billing -o json").document["id"]
    does(f"rollout pause {number} --reason lunch")
    does(f"rollout resume {number} --confirm billing")
    does(f"rollout promote {number}", code=2)
    does(f"rollout cancel {number} --reason enough")
    does("rollout show 999999", code=2)
