"""A service none of us wrote lives its life on five hosts, by the CLI contract alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation
from tests.lab.evidence import (
    PORT,
    Evidence,
    evidence_for,
    evidence_of,
    files_written,
    is_receipt,
    main_pid,
)
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import SERVICE, get_node_exporters

NAMES = ("web-1", "web-2", "web-3", "web-4", "web-5")
HERE = (SERVICE, "--env", "prod")
OLD, NEW = "1.5.0", "1.9.0"


@dataclass
class World:
    slipway: Installation
    machines: dict[str, Machine]
    untouched: dict[str, set[str]]  # files on each machine before Slipway came
    rollouts: dict[str, Any] = field(default_factory=dict)

    def operate(self, *words: str) -> Any:
        """Carry out an operation to its end; returns what `rollout show` says of it."""
        asked = (*words, "--wait", "--confirm", SERVICE, "-o", "json")  # prod is guarded
        answer = self.slipway.cli(*asked)
        number = str(answer.json.get("id", ""))
        # Why it failed is told as a person would read it: short enough for the end of a long run.
        assert answer.exit_code == 0, f"{words}: {answer.err}\n" + "\n".join(
            self.slipway.cli("rollout", word, number).out for word in ("show", "timeline") if number
        )
        return self.slipway.ask("rollout", "show", number)


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    machines = {machine.name: machine for machine in lab.add_machines(*NAMES)}
    slipway = Installation(tmp_path_factory.mktemp("slipway"))
    try:
        slipway.start()
        untouched = {name: files_written(machine) for name, machine in machines.items()}
        introduce(slipway, machines, lab.key_file)
        yield World(slipway, machines, untouched)
    finally:
        slipway.stop()
        for name in NAMES:
            lab.remove_machine(name)


def introduce(slipway: Installation, machines: dict[str, Machine], key_file: Path) -> None:
    """Two hosts are entered as root, three as nobody special who may use sudo."""
    slipway.ask("env", "create", "prod", "--order", "30")
    slipway.ask("key", "add", "default", "--file", str(key_file))
    for number, (name, machine) in enumerate(machines.items()):
        how = ["--user", "root"] if number < 2 else ["--user", "deploy", "--sudo"]
        place = ["--address", machine.address, "--port", str(machine.port), "--env", "prod"]
        slipway.ask("host", "add", name, *place, *how, "--accept-key")
    slipway.ask("service", "create", SERVICE, "--language", "go")
    for package in get_node_exporters():
        slipway.ask("version", "upload", SERVICE, str(package.path), "--version", package.version)


def agree(world: World, rollout: Any, versions: dict[str, str]) -> None:
    """Records and hosts say the same: this version runs on these hosts, nothing on the others."""
    assert rollout["state"] == "succeeded", rollout
    assert {target["state"] for target in rollout["targets"]} == {"succeeded"}
    listed = world.slipway.items("instance", "list", "--service", SERVICE, "--env", "prod")
    told = {item["host"]: (item["port"], item["version"], item["seen_version"]) for item in listed}
    assert told == {name: (PORT, version, version) for name, version in versions.items()}
    assert {item["status"] for item in listed} <= {"running"}
    seen = {name: evidence_of(machine) for name, machine in world.machines.items()}
    nothing = Evidence(link="", unit="inactive", executable="", user="", answers="")
    assert seen == {
        name: evidence_for(versions[name], versions[name]) if name in versions else nothing
        for name in world.machines
    }


def targets_of(rollout: Any) -> dict[str, tuple[str, str]]:
    return {
        target["host"]: (target["from_version"] or "", target["to_version"] or "")
        for target in rollout["targets"]
    }


def bytes_moved(rollout: Any) -> int:
    """All bytes of packages that a rollout says it moved."""
    return sum(
        step.get("bytes_moved") or 0 for target in rollout["targets"] for step in target["steps"]
    )


# One story: each chapter begins where the one before it ended.


def test_deployed_to_five_hosts(world: World) -> None:
    where = ("--env", "prod", "--hosts", ",".join(NAMES), "--port", str(PORT))
    rollout = world.operate("deploy", SERVICE, OLD, *where)
    assert targets_of(rollout) == dict.fromkeys(NAMES, ("", OLD))
    agree(world, rollout, dict.fromkeys(NAMES, OLD))


def test_upgraded_in_batches(world: World) -> None:
    rollout = world.operate("upgrade", SERVICE, NEW, "--env", "prod", "--batches", "1 50%")
    batches = [target["batch"] for target in rollout["targets"]]
    assert [batches.count(number) for number in (1, 2, 3)] == [1, 3, 1]
    assert targets_of(rollout) == dict.fromkeys(NAMES, (OLD, NEW))
    assert bytes_moved(rollout) > 0
    agree(world, rollout, dict.fromkeys(NAMES, NEW))


def test_rolled_back_without_moving_a_package(world: World) -> None:
    before = {name: machine.bytes_received() for name, machine in world.machines.items()}
    rollout = world.operate("rollback", *HERE)
    assert targets_of(rollout) == dict.fromkeys(NAMES, (NEW, OLD))
    assert bytes_moved(rollout) == 0
    smallest_package = min(package.path.stat().st_size for package in get_node_exporters())
    for name, machine in world.machines.items():
        assert machine.bytes_received() - before[name] < smallest_package / 20, name
    agree(world, rollout, dict.fromkeys(NAMES, OLD))


def test_restarted_as_what_it_was(world: World) -> None:
    before = {name: main_pid(machine) for name, machine in world.machines.items()}
    rollout = world.operate("restart", *HERE)
    after = {name: main_pid(machine) for name, machine in world.machines.items()}
    assert [name for name in NAMES if before[name] == after[name]] == []
    agree(world, rollout, dict.fromkeys(NAMES, OLD))


def test_removed_from_two_hosts(world: World) -> None:
    rollout = world.operate("remove", *HERE, "--hosts", "web-4,web-5")
    assert targets_of(rollout) == dict.fromkeys(("web-4", "web-5"), (OLD, ""))
    agree(world, rollout, dict.fromkeys(NAMES[:3], OLD))


def test_removed_from_all_hosts_nothing_but_receipts_is_left(world: World) -> None:
    rollout = world.operate("remove", *HERE)
    agree(world, rollout, {})
    for name, machine in world.machines.items():
        left = files_written(machine) - world.untouched[name]
        assert [path for path in left if not is_receipt(path)] == [], name
        assert any("/receipts/" in path for path in left), name
        assert machine.says("systemctl", "list-unit-files", "--no-legend", "slipway-*") == ""
