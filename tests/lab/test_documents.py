"""Slipway is installed, backed up, restored and upgraded as the documents say, word for word."""

import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from release.build import make
from tests.lab.debian import debian_mirror
from tests.lab.documents import Block, blocks_of, follow
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import pack

OLD, NEW = "0.0.1", "0.0.2"  # of Slipway
INSTALLING, BACKUP, UPGRADING = (
    f"operations/{name}.md" for name in ("installing", "backup", "upgrading")
)
SQLITE, POSTGRESQL = 0, 1  # which of a heading's two blocks
PATIENCE = 60.0  # seconds
HEALTHY = ("curl", "--retry", "300", "--retry-delay", "1", "--retry-all-errors", "-fsS")
SPEC = """\
run: ./bin/run.sh
user: app
health: {command: "true", interval: 200ms, min_healthy_time: 1s}
scripts: {before_activate: ./bin/before.sh}
"""
RUN = b"#!/bin/sh\nexec sleep 100000\n"
BEFORE = b"#!/bin/sh\necho began >>/var/tmp/hook\nuntil [ -e /var/tmp/go ]; do sleep 0.1; done\n"


@dataclass
class World:
    """A fresh machine for Slipway, a host, and the files of two releases."""

    machine: Machine
    host: Machine
    followed: list[Block] = field(default_factory=list)

    def follow(self, document: str, heading: str, *, only: int | None = None) -> str:
        """Do what stands under a heading; all of its blocks, or one of them."""
        blocks = [block for block in blocks_of(document) if block.heading == heading]
        assert blocks, f"{document} has no commands under {heading}"
        chosen = blocks if only is None else [blocks[only]]
        self.followed += chosen
        folder = "/srv/new" if document == UPGRADING else "/srv/old"
        return "".join(follow(self.machine, block, folder) for block in chosen)

    def slipway(self, *words: str, input: str | None = None) -> Any:
        """Ask by the command line that was installed."""
        done = self.machine.run("slipway", *words, "-o", "json", input=input, check=False)
        assert done.returncode == 0, f"slipway {words}\n{done.stdout}{done.stderr}{self.log()}"
        return json.loads(done.stdout)

    def environments(self) -> set[str]:
        listed = self.slipway("env", "list")
        items = listed["items"] if isinstance(listed, dict) else listed
        return {item["name"] for item in items}

    def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        return self.machine.says("journalctl", "--no-pager", "--unit", "slipway")[-6000:]


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("releases")
    for version, name in ((OLD, "old"), (NEW, "new")):
        make(folder / name, version)
    machine, host = lab.add_machines("slipway-1", "app-1")
    with debian_mirror(lab.controller_address) as source:
        for name in ("old", "new"):
            shutil.copytree(folder / name, machine.path(f"/srv/{name}"))
        _pack_versions(machine)
        shutil.copy(lab.key_file, machine.path("/root/key"))
        machine.path("/etc/apt/sources.list").write_text(source)
        with machine.path("/etc/hosts").open("a") as hosts:
            hosts.write("127.0.0.1 slipway.example.com\n")
        yield World(machine, host)
    for name in ("slipway-1", "app-1"):
        lab.remove_machine(name)


def _pack_versions(machine: Machine) -> None:
    spec = SPEC.encode()
    first = {"slipway.yaml": spec, "bin/run.sh": RUN, "bin/before.sh": b"#!/bin/sh\n"}
    for number, before in (("1", first["bin/before.sh"]), ("2", BEFORE)):
        content = first | {"bin/before.sh": before}
        pack(content, machine.path(f"/root/app-{number}.tar.gz"))


# One story: each chapter begins where the one before it ended.


def test_it_is_installed_and_its_first_login_is_in_no_journal(world: World) -> None:
    world.follow(INSTALLING, "The server on Debian 12")
    login, gone = range(2)
    password = world.follow(INSTALLING, "The first login", only=login).splitlines()[-1]
    token = world.machine.says("cat", "/var/lib/slipway/admin-token")
    journal = world.machine.says("journalctl", "--no-pager")
    assert "Slipway is at" in journal
    assert len(password) > 10
    assert password not in journal
    assert token not in journal
    world.follow(INSTALLING, "The first login", only=gone)
    assert world.machine.says("slipway", "--version") == f"slipway {OLD}"
    pid = world.machine.says("systemctl", "show", "--property=MainPID", "--value", "slipway")
    assert world.machine.says("stat", "-c", "%U", f"/proc/{pid}") == "slipway"
    for path, wanted in {
        "/var/lib/slipway": "700 slipway slipway",
        "/var/lib/slipway/keys": "600 slipway slipway",
        "/etc/slipway/slipway.env": "640 root slipway",
        "/usr/lib/slipway/bin/slipway": "755 root root",
    }.items():
        assert world.machine.says("stat", "-c", "%a %U %G", path) == wanted, path


def test_behind_nginx_the_command_line_alone_reaches_it_by_tls(world: World) -> None:
    world.follow(INSTALLING, "TLS by nginx")
    printed = world.follow(INSTALLING, "The command line alone")
    assert printed == f"slipway {OLD}\n"
    url = "https://slipway.example.com"
    world.machine.run(*HEALTHY, "--cacert", "/etc/ssl/slipway.crt", f"{url}/healthz")
    token = world.slipway("token", "create", "ci", "--role", "viewer", "--expires", "1d")["token"]
    there = [f"SLIPWAY_URL={url}", f"SLIPWAY_TOKEN={token}", "SLIPWAY_CA=/etc/ssl/slipway.crt"]
    client = "/home/deploy/.local/bin/slipway"
    world.machine.run("runuser", "-u", "deploy", "--", "env", *there, client, "env", "list")


def test_a_release_is_upgraded_while_a_rollout_is_under_way(world: World) -> None:
    world.slipway("env", "create", "prod")
    world.slipway("key", "add", "default", "--file", "/root/key")
    host = ("--address", world.host.address, "--user", "root", "--env", "prod", "--accept-key")
    world.slipway("host", "add", "app-1", *host)
    world.slipway("service", "create", "app", "--language", "other")
    for number in ("1", "2"):
        file = f"/root/app-{number}.tar.gz"
        world.slipway("version", "upload", "app", file, "--version", number)
    world.slipway("deploy", "app", "1", "--env", "prod", "--hosts", "app-1", "--wait")
    rollout = str(world.slipway("upgrade", "app", "2", "--env", "prod")["id"])
    hook = world.host.path("/var/tmp/hook")
    world.until(hook.exists, "the hook of the new version has begun")

    world.follow(UPGRADING, "Upgrading Slipway")

    assert world.machine.says("slipway", "--version") == f"slipway {NEW}"
    assert world.machine.says("systemctl", "is-active", "slipway") == "active"
    world.host.path("/var/tmp/go").touch()
    world.machine.run(*HEALTHY, "http://127.0.0.1:8000/healthz")
    world.until(
        lambda: world.slipway("rollout", "show", rollout)["state"] == "succeeded", "it succeeds"
    )
    assert hook.read_text() == "began\n"  # once, whoever drove it
    assert world.host.says("readlink", "/opt/slipway/app/main/current") == "../releases/2"


def test_a_backup_is_restored(world: World) -> None:
    world.follow(BACKUP, "Backup", only=SQLITE)
    world.slipway("env", "create", "after-the-backup")
    world.machine.run("rm", "-r", "/var/lib/slipway/packages", "/var/lib/slipway/keys")
    world.follow(BACKUP, "Restore", only=SQLITE)
    assert world.environments() == {"prod"}
    world.slipway("host", "check", "app-1")  # by a key that is encrypted with what was restored
    world.slipway("restart", "app", "--env", "prod", "--wait")


def test_on_postgresql_it_is_set_up_backed_up_and_restored(world: World) -> None:
    world.follow(INSTALLING, "PostgreSQL")
    world.follow(INSTALLING, "The first login", only=0)
    world.slipway("env", "create", "before-the-backup")
    world.follow(BACKUP, "Backup", only=POSTGRESQL)
    world.slipway("env", "create", "after-the-backup")
    world.follow(BACKUP, "Restore", only=POSTGRESQL)
    assert world.environments() == {"before-the-backup"}


def test_no_command_of_these_documents_was_left_out(world: World) -> None:
    blocks = [block for name in (INSTALLING, BACKUP, UPGRADING) for block in blocks_of(name)]
    assert [block for block in blocks if block not in world.followed] == []
    assert len(blocks) == 12


def test_removed_it_leaves_the_data(world: World) -> None:
    world.machine.run("apt-get", "purge", "-y", "slipway")
    assert world.machine.says("systemctl", "is-active", "slipway") == "inactive"
    assert not world.machine.path("/usr/lib/slipway").exists()
    assert world.machine.path("/var/lib/slipway/keys").exists()


def test_the_wheel_holds_every_file_of_the_sources(world: World) -> None:
    wheel = world.machine.path(f"/srv/old/slipway-{OLD}-py3-none-any.whl")
    packed = set(_names(wheel))
    root = Path(__file__).resolve().parents[2]
    sources = {
        str(path.relative_to(root))
        for package in ("slipway", "slipway_cli")
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert sources - packed == set()


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as file:
        return file.namelist()
