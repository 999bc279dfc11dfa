"""Hosts that are set up as their owners like it, a deploy user with sudo and units run by `app`: it
works there, or `host check` and the plan say why not, and nothing was touched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.installation import Installation
from tests.lab.evidence import PORT, ROOT, evidence_for, evidence_of
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import SERVICE, get_node_exporters

SLOW, NOEXEC, HIDDEN, GIVEN = NAMES = ("odd-1", "odd-2", "odd-3", "odd-4")
VERSION = "1.5.0"
SUDO = '#!/bin/sh\nsleep 5\nexec /usr/bin/sudo "$@"\n'


@dataclass
class World:
    slipway: Installation
    machines: dict[str, Machine]

    def check(self, name: str) -> Any:
        """What a check says of a host: None, or what is wrong."""
        checked = self.slipway.cli("host", "check", name, "-o", "json")
        [item] = checked.json["items"]
        return None if item["ok"] else item

    def obstacles(self, name: str, *kind: str) -> list[str]:
        kind = kind or ("deploy", SERVICE, VERSION, "--port", str(PORT))
        plan = self.slipway.ask("plan", *kind, "--env", "prod", "--hosts", name)
        return [each["message"] for each in plan["obstacles"]]

    def deploy(self, name: str) -> None:
        where = ("--env", "prod", "--hosts", name, "--port", str(PORT))
        self.slipway.ask("deploy", SERVICE, VERSION, *where, "--wait")
        assert evidence_of(self.machines[name]) == evidence_for(VERSION, VERSION), name


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    machines = {machine.name: machine for machine in lab.add_machines(*NAMES)}
    slipway = Installation(tmp_path_factory.mktemp("slipway"))
    try:
        slow, noexec, hidden = machines[SLOW], machines[NOEXEC], machines[HIDDEN]
        slow.run("sh", "-c", "cat >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo", input=SUDO)
        noexec.run("mkdir", "-p", ROOT)
        noexec.run("mount", "-t", "tmpfs", "-o", "noexec,mode=0755", "disk", ROOT)
        noexec.run("chown", "deploy:deploy", ROOT)
        hidden.run("mount", "-o", "remount,hidepid=2", "/proc")
        slipway.start()
        slipway.ask("env", "create", "prod", "--order", "20")
        slipway.ask("key", "add", "default", "--file", str(lab.key_file))
        slipway.ask("service", "create", SERVICE, "--language", "go")
        package, _ = get_node_exporters()
        slipway.ask("version", "upload", SERVICE, str(package.path), "--version", VERSION)
        for name, machine in machines.items():
            place = ["--address", machine.address, "--port", str(machine.port), "--env", "prod"]
            login = ["--user", "deploy", "--sudo", "--accept-key"]
            slipway.cli("host", "add", name, *place, *login)
        yield World(slipway, machines)
    finally:
        slipway.stop()
        for name in NAMES:
            lab.remove_machine(name)


def is_untouched(machine: Machine) -> bool:
    return machine.says("find", ROOT, "-mindepth", "1") == ""


def test_a_slow_sudo_is_told_before_anything_is_touched(world: World) -> None:
    said = world.check(SLOW)
    assert "sudo takes 5 s" in said["message"], said
    assert "/etc/hosts" in said["hint"]
    assert any("sudo takes 5 s" in each for each in world.obstacles(SLOW))
    assert is_untouched(world.machines[SLOW])
    world.machines[SLOW].run("rm", "/usr/local/bin/sudo")
    assert world.check(SLOW) is None
    assert world.obstacles(SLOW) == []
    world.deploy(SLOW)


def test_a_disk_that_is_mounted_noexec_is_told_before_anything_is_touched(world: World) -> None:
    said = world.check(NOEXEC)
    assert f"The disk below {ROOT}" in said["message"], said
    assert any("mounted noexec" in each for each in world.obstacles(NOEXEC))
    assert is_untouched(world.machines[NOEXEC])
    world.machines[NOEXEC].run("mount", "-o", "remount,exec", ROOT)
    assert world.check(NOEXEC) is None
    world.deploy(NOEXEC)


def test_where_nobody_sees_the_processes_of_others_it_works(world: World) -> None:
    hidden = world.machines[HIDDEN]
    assert hidden.says("su", "deploy", "-c", "ls -d /proc/1") == ""
    assert world.check(HIDDEN) is None
    world.deploy(HIDDEN)
    world.slipway.ask("restart", SERVICE, "--env", "prod", "--hosts", HIDDEN, "--wait")


def test_a_service_folder_that_was_given_to_its_user_is_told_and_mended(world: World) -> None:
    assert world.check(GIVEN) is None
    world.deploy(GIVEN)
    given = world.machines[GIVEN]
    given.run("chown", "-R", "app:app", f"{ROOT}/{SERVICE}")
    said = world.check(GIVEN)
    assert f"{ROOT}/{SERVICE} belongs to app" in said["message"], said
    assert any("belongs to app" in each for each in world.obstacles(GIVEN, "restart", SERVICE))
    remedy = re.search(r"chown -R \S+ \S+", said["message"])
    assert remedy is not None
    given.run(*remedy[0].split())
    assert world.check(GIVEN) is None
    world.slipway.ask("restart", SERVICE, "--env", "prod", "--hosts", GIVEN, "--wait")
