"""Our readers say what `ansible-inventory --list` and `ssh -G` say, or name what they leave out."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from slipway.core.reading.inventory.entries import HostEntry
from slipway.core.reading.inventory.reading import HostList, parse_hosts
from tests.core.reading.inventories.record import ANSIBLE, SSH, ask_ansible, ask_ssh, said_of

HERE = (shutil.which("ansible-inventory") or "", shutil.which("ssh") or "")
YES = ("true", "yes", "1", "on")
# Files where only the program itself can say, each with the line that names it.
ONLY_SSH = {"match-exec": "Line 3: Match exec is left out"}


def read(path: Path) -> HostList:
    return parse_hosts(path.read_text(), path.name)


def named(path: Path) -> str:
    return path.name


def entries(hosts: HostList) -> dict[str, HostEntry]:
    return {entry.name: entry for entry in hosts}


def told(hosts: HostList) -> str:
    return "\n".join(sentence.english for sentence in hosts.left_out)


def groups_of(said: Mapping[str, Any]) -> dict[str, set[str]]:
    """The groups of each host, and the groups that those are in."""
    parents: dict[str, set[str]] = {}
    for group, content in said.items():
        for child in content.get("children", ()):
            parents.setdefault(child, set()).add(group)

    def above(group: str) -> set[str]:
        return {group}.union(*(above(each) for each in parents.get(group, ())))

    found: dict[str, set[str]] = {}
    for group, content in said.items():
        for host in content.get("hosts", ()):
            found.setdefault(host, set()).update(above(group) - {"all", "ungrouped"})
    return found


def expected(said: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What Ansible goes by, host by host."""
    groups = groups_of({name: each for name, each in said.items() if name != "_meta"})
    hostvars = said["_meta"]["hostvars"]
    for host in groups:
        own = hostvars.get(host, {})

        def of(key: str, own: Mapping[str, Any] = own) -> str:
            value = own.get(f"ansible_ssh_{key}") or own.get(f"ansible_{key}") or ""
            return str(value.get("__ansible_unsafe") if isinstance(value, dict) else value)

        yield (
            host,
            {
                "address": of("host"),
                "port": of("port") or "0",
                "user": of("user"),
                "sudo": str(own.get("ansible_become", "")).lower() in YES,
                "labels": groups[host],
            },
        )


def as_compared(entry: HostEntry) -> dict[str, Any]:
    return {
        "address": entry.address,
        "port": str(entry.port),
        "user": entry.user,
        "sudo": entry.become == "sudo",
        "labels": set(entry.labels),
    }


def compare(hosts: HostList, said: Mapping[str, Any]) -> None:
    found = entries(hosts)
    wanted = dict(expected(said))
    assert found.keys() <= wanted.keys()
    for host, what in wanted.items():
        if host not in found:
            assert f"{host} is left out" in told(hosts)
        elif what != as_compared(found[host]):
            # sudo to another user, or by another program: the rest is the same
            assert f"{host}: ansible_become_" in told(hosts)
            assert {**what, "sudo": False} == {**as_compared(found[host]), "sudo": False}
    for own in said["_meta"]["hostvars"].values():
        for variable in own:
            assert variable in told(hosts) or variable.split("_")[-1] in TAKEN


TAKEN = ("host", "port", "user", "become", "method", "connection", "priority")


def test_there_are_enough_files() -> None:
    assert len(ANSIBLE) + len(SSH) >= 40


@pytest.mark.parametrize("path", ANSIBLE, ids=named)
def test_an_ansible_inventory_is_read_as_ansible_reads_it(path: Path) -> None:
    compare(read(path), json.loads(said_of(path).read_text()))


@pytest.mark.parametrize("path", ANSIBLE, ids=named)
def test_what_ansible_says_is_read_as_the_inventory_itself(path: Path) -> None:
    said = parse_hosts(said_of(path).read_text(), path.name, "ansible-inventory")
    ours = entries(read(path))
    assert {name: as_compared(entry) for name, entry in entries(said).items()} == {
        name: as_compared(entry) for name, entry in ours.items()
    }


@pytest.mark.parametrize("path", SSH, ids=named)
def test_an_ssh_configuration_is_read_as_ssh_reads_it(path: Path) -> None:
    compare_ssh(path, json.loads(said_of(path).read_text()))


def compare_ssh(path: Path, said: Mapping[str, Mapping[str, str]]) -> None:
    hosts = read(path)
    found = entries(hosts)
    if line := ONLY_SSH.get(path.name):
        assert line in told(hosts)
        assert found.keys() == said.keys()
        return
    for name, wanted in said.items():
        if name not in found:
            left_out = (f"{name} is another name of ", f"{name} is left out: which machine ")
            assert any(said in told(hosts) for said in left_out)
            continue
        entry = found[name]
        address = (entry.address or name).lower()
        assert (address, str(entry.port or 22), entry.user) == (
            wanted["hostname"],
            wanted["port"],
            wanted["user"],
        )


@pytest.mark.parametrize("path", SSH, ids=named)
def test_every_line_of_an_ssh_configuration_is_taken_or_named(path: Path) -> None:
    hosts = read(path)
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        keyword = line.replace("=", " ").strip().split(None, 1)[:1]
        taken = ("host", "hostname", "user", "port", "match")
        if not keyword or keyword[0].startswith("#") or keyword[0].lower() in taken:
            continue
        assert f"Line {number}: {keyword[0]}" in told(hosts) or "none" in line


if HERE[0]:

    @pytest.mark.parametrize("path", ANSIBLE, ids=named)
    def test_ansible_here_still_says_so(path: Path) -> None:
        compare(read(path), json.loads(ask_ansible(path)))


if HERE[1]:

    @pytest.mark.parametrize("path", SSH, ids=named)
    def test_ssh_here_still_says_so(path: Path, tmp_path: Path) -> None:
        compare_ssh(path, ask_ssh(path, tmp_path))
