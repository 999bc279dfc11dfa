"""Bad hosts are named, with what to do, and left as they are; the others get the new version."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation
from tests.lab.evidence import PORT, ROOT, evidence_for, evidence_of, main_pid
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import SERVICE, get_node_exporters

GOOD = ("web-1", "web-2")
DOWN, FULL, READ_ONLY, OTHER_KEY = BAD = ("web-3", "web-4", "web-5", "web-6")
NAMES = GOOD + BAD
OLD, NEW = "1.5.0", "1.9.0"
# Hosts that nobody can reach hold up the others only where those need their room. The patience is
# for a connection of before to be given up, and for another to be tried in vain.
LENIENT = ("--patience", "45s", "--left-out-budget", str(len(BAD)), "--max-unavailable", "100%")
DISK = 128 * 2**20  # bytes, of the host whose disk will be full


@dataclass
class World:
    slipway: Installation
    machines: dict[str, Machine]
    pids: dict[str, str]  # of the old version's processes
    upgrade: Any = None  # what `rollout show` says of it

    def show(self, rollout: object) -> Any:
        return self.slipway.ask("rollout", "show", str(rollout))


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    machines = {machine.name: machine for machine in lab.add_machines(*NAMES)}
    slipway = Installation(tmp_path_factory.mktemp("slipway"))
    try:
        machines[FULL].limit_disk(ROOT, size=DISK)
        slipway.start()
        introduce(slipway, machines, lab.key_file)
        pids = {name: main_pid(machine) for name, machine in machines.items()}
        yield World(slipway, machines, pids)
    finally:
        slipway.stop()
        for name in NAMES:
            lab.remove_machine(name)


def introduce(slipway: Installation, machines: dict[str, Machine], key_file: Path) -> None:
    """The old version runs on all hosts."""
    slipway.ask("env", "create", "prod", "--order", "20", *LENIENT)
    slipway.ask("key", "add", "default", "--file", str(key_file))
    for name, machine in machines.items():
        place = ["--address", machine.address, "--port", str(machine.port), "--env", "prod"]
        slipway.ask("host", "add", name, *place, "--user", "root", "--accept-key")
    slipway.ask("service", "create", SERVICE, "--language", "go")
    for package in get_node_exporters():
        slipway.ask("version", "upload", SERVICE, str(package.path), "--version", package.version)
    where = ("--env", "prod", "--hosts", ",".join(NAMES), "--port", str(PORT))
    at_once = ("--batches", "100%", "--max-unavailable", "100%")
    slipway.ask("deploy", SERVICE, OLD, *where, *at_once, "--wait")


def by_host(rollout: Any) -> dict[str, Any]:
    return {target["host"]: target for target in rollout["targets"]}


def is_as_before(world: World, name: str) -> None:
    """The old version, by the same process as ever; nothing of the new one, not even a part."""
    machine = world.machines[name]
    expected = evidence_for(OLD, OLD)
    if name == DOWN:  # its answer does not get out of it
        expected = replace(expected, answers="")
    assert evidence_of(machine) == expected, name
    assert main_pid(machine) == world.pids[name], name
    left = machine.says("find", f"{ROOT}/{SERVICE}/releases", "-maxdepth", "1", "-mindepth", "1")
    assert [path for path in left.splitlines() if Path(path).name[0] != "."] == [
        f"{ROOT}/{SERVICE}/releases/{OLD}"
    ], name
    assert machine.says("find", ROOT, "-name", "*.part*") == "", name
    assert machine.says("find", ROOT, "-path", f"*{NEW}*") == "", name


# One story: each chapter begins where the one before it ended.


def test_the_others_get_the_new_version_and_each_bad_host_is_named(world: World) -> None:
    machines = world.machines
    machines[DOWN].unplug()
    machines[FULL].says("sh", "-c", f"head -c {DISK} /dev/zero >{ROOT}/somebodys-dump")
    machines[READ_ONLY].make_read_only(ROOT)
    machines[OTHER_KEY].replace_host_key()
    machines[OTHER_KEY].reboot()  # a connection that was made before would rightly be gone on with
    world.pids[OTHER_KEY] = main_pid(machines[OTHER_KEY])

    budget = ("--failure-budget", str(len(BAD)), "--batches", "1 50%")
    # Several are lost at once: it asks.
    answered = ("--wait", "--answer", "go-on", "-o", "json")
    ended = world.slipway.cli("upgrade", SERVICE, NEW, "--env", "prod", *budget, *answered)
    assert ended.exit_code == 1, ended  # never success with hosts left behind
    world.upgrade = rollout = world.show(ended.json["id"])
    assert rollout["state"] == "partial", rollout
    assert f"2 of 6 instances run {NEW}" in rollout["outcome"]

    targets = by_host(rollout)
    states = {name: targets[name]["state"] for name in NAMES}
    assert states == dict.fromkeys(GOOD, "succeeded") | {
        DOWN: "unreachable",
        FULL: "left_out",
        READ_ONLY: "left_out",
        OTHER_KEY: "unreachable",
    }
    for name, said, to_do in (
        (DOWN, "does not answer", "Is it on"),
        (FULL, "MB needed", "Free some room"),
        (READ_ONLY, "the disk is full or read-only", "Put it right"),
        (OTHER_KEY, "another host key", "compare its fingerprint"),
    ):
        problem, hint = targets[name]["problem"], targets[name]["hint"]
        assert said in problem, problem
        assert to_do in hint, hint
        assert not targets[name]["touched"], name
    for name in GOOD:
        assert evidence_of(machines[name]) == evidence_for(NEW, NEW), name


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_half_done(world: World, name: str) -> None:
    is_as_before(world, name)
    [instance] = [
        one
        for one in world.slipway.items("instance", "list", "--service", SERVICE)
        if one["host"] == name
    ]
    assert (instance["version"], instance["status"]) == (OLD, "running")


def test_a_changed_host_key_is_an_event_that_names_the_host(world: World) -> None:
    deadline = time.monotonic() + 90  # each host is looked at about once a minute
    while not (events := world.slipway.items("audit", "list", "--verb", "host.key_changed")):
        assert time.monotonic() < deadline, "nobody told of the changed key"
        time.sleep(1)
    assert [event["thing_name"] for event in events] == [OTHER_KEY]


def test_the_plan_names_what_a_check_has_found(world: World) -> None:
    checked = world.slipway.cli("host", "check", "--env", "prod", "-o", "json")
    assert checked.exit_code == 1, checked
    codes = {item["host"]: item["code"] for item in checked.json["items"] if not item["ok"]}
    assert codes[DOWN] == "host_unreachable"
    assert codes[OTHER_KEY] == "host_key_changed"

    plan = world.slipway.ask("plan", "upgrade", SERVICE, NEW, "--env", "prod")
    said = {
        name: [each for each in plan["obstacles"] if name in each["message"]]
        for name in (DOWN, FULL, OTHER_KEY)
    }
    assert [name for name, obstacles in said.items() if not obstacles] == []
    assert all(each["hint"] for obstacles in said.values() for each in obstacles)


def test_learning_a_key_does_not_replace_one_that_was_learnt(world: World) -> None:
    """A changed key is a hard stop: only forgetting it, on purpose, lets another one in."""
    before = world.slipway.ask("host", "show", OTHER_KEY)["host_key_fingerprint"]
    answer = world.slipway.cli("host", "check", OTHER_KEY, "--accept-key", "-o", "json")
    assert answer.exit_code == 1, answer
    assert world.slipway.ask("host", "show", OTHER_KEY)["host_key_fingerprint"] == before
    retried = world.slipway.cli(
        "rollout", "retry", str(world.upgrade["id"]), "--wait", "-o", "json"
    )
    assert retried.exit_code == 1, retried
    is_as_before(world, OTHER_KEY)


def test_mended_hosts_are_brought_to_the_new_version_by_a_retry(world: World) -> None:
    machines = world.machines
    machines[DOWN].plug()
    machines[FULL].run("rm", f"{ROOT}/somebodys-dump")
    machines[READ_ONLY].restore_disk(ROOT)
    world.slipway.ask("host", "forget-key", OTHER_KEY, "--reason", "set up anew", "--yes")
    world.slipway.ask("host", "check", OTHER_KEY, "--accept-key")

    others = {name: main_pid(machines[name]) for name in GOOD}
    ended = world.slipway.ask("rollout", "retry", str(world.upgrade["id"]), "--wait")
    rollout = world.show(ended["id"])

    assert rollout["state"] == "succeeded", rollout
    assert rollout["retry_of"] == world.upgrade["id"]
    assert set(by_host(rollout)) == set(BAD)
    for name in NAMES:
        assert evidence_of(machines[name]) == evidence_for(NEW, NEW), name
    assert {name: main_pid(machines[name]) for name in GOOD} == others
    listed = world.slipway.items("instance", "list", "--service", SERVICE, "--env", "prod")
    assert {(one["version"], one["seen_version"], one["status"]) for one in listed} == {
        (NEW, NEW, "running")
    }
