"""The lab itself: what the other lab tests take for granted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.lab.laboratory import STATE, Lab, remove_leftovers
from tests.lab.machines import Machine


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Iterator[list[Machine]]:
    yield lab.add_machines("lab-1", "lab-2")
    for name in ("lab-1", "lab-2"):
        lab.remove_machine(name)


def ssh(machine: Machine, user: str, command: str) -> str:
    known_hosts = machine.folder / "known_hosts"
    known_hosts.write_text(f"{machine.address} {machine.host_key}\n")
    return subprocess.run(
        [
            *("ssh", "-F", "none", "-i", str(machine.key_file), "-o", "BatchMode=yes"),
            *("-o", f"UserKnownHostsFile={known_hosts}", "-o", "StrictHostKeyChecking=yes"),
            *("--", f"{user}@{machine.address}", command),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_a_unit_on_one_host_is_not_on_its_neighbour(pair: list[Machine]) -> None:
    one, other = pair
    one.run("systemd-run", "--unit=alone", "sleep", "infinity")
    assert one.says("systemctl", "is-active", "alone") == "active"
    assert other.says("systemctl", "is-active", "alone") == "inactive"


@pytest.mark.parametrize("user", ["root", "deploy"])
def test_both_users_come_in_by_ssh_and_may_become_root(pair: list[Machine], user: str) -> None:
    assert ssh(pair[0], user, "id -un; sudo -n id -un") == f"{user}\nroot"


def test_a_rebooted_host_comes_back_with_its_disk(pair: list[Machine]) -> None:
    machine, before = pair[0], pair[0].boot_id
    machine.run("touch", "/root/kept", "/run/lost")
    machine.reboot()
    assert machine.boot_id != before
    assert machine.says("ls", "/root/kept", "/run/lost") == "/root/kept"


def test_a_power_cut_ends_everything_at_once(pair: list[Machine]) -> None:
    machine = pair[0]
    machine.run("systemd-run", "--unit=cut", "sleep", "infinity")
    machine.cut_power()
    assert machine.boot_id == ""
    machine.boot()
    machine.wait_until_ready()
    assert machine.says("systemctl", "is-active", "cut") == "inactive"


def test_a_full_disk_and_a_read_only_one_refuse_and_recover(pair: list[Machine]) -> None:
    machine, folder = pair[0], "/opt/slipway"
    machine.limit_disk(folder, size=1024**2)
    full = machine.run("dd", "if=/dev/zero", f"of={folder}/x", "bs=1M", "count=2", check=False)
    machine.restore_disk(folder)
    machine.make_read_only(folder)
    read_only = machine.run("touch", f"{folder}/x", check=False)
    machine.restore_disk(folder)
    assert "No space left" in full.stderr
    assert "Read-only" in read_only.stderr
    machine.run("touch", f"{folder}/x")


def test_a_replaced_host_key_is_noticed_by_ssh(pair: list[Machine]) -> None:
    machine = pair[1]
    before = machine.host_key
    assert machine.replace_host_key() != before
    assert ssh(machine, "root", "id -un") == "root"


def test_a_frozen_host_is_silent_until_it_is_thawed(pair: list[Machine]) -> None:
    machine = pair[1]
    machine.freeze()
    assert not machine.answers()
    machine.thaw()
    assert machine.answers()


def test_the_lab_of_a_killed_test_process_is_taken_down_by_the_next(lab: Lab) -> None:
    program = (
        "from tests.lab.laboratory import laboratory\n"
        "with laboratory() as lab:\n"
        "    lab.add_machines('orphan')\n"
        "    print(lab.number, flush=True)\n"
        "    input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    number = process.stdout.readline().decode().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert (STATE / number / "orphan").exists()

    remove_leftovers()

    assert not (STATE / number).exists()
    links = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    assert f"slwlab{number}:" not in links
    assert f"{lab.bridge}:" in links
