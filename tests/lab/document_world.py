"""Fresh machines on which the documents are followed, and what they would reach of the internet."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from release.build import make
from tests.lab.debian import debian_mirror
from tests.lab.documents import PERSON, Block, blocks_of, follow
from tests.lab.indexes import package_index
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import pack

OLD, NEW = "0.0.1", "0.0.2"  # of Slipway
# Of the .deb, then of the wheel; README's host, those of a first service, and one in production.
SERVERS = ("slipway-1", "slipway-2")
HOSTS = ("app-1", "app-2", "app-3", "app-4")
SERVICES = "/srv/service"  # on the machine with the wheel
WEB_1 = "10.0.0.11"  # as the documents have it
PATIENCE = 60.0  # seconds
HEALTHY = ("curl", "--retry", "300", "--retry-delay", "1", "--retry-all-errors", "-fsS")
SPEC = b"""\
run: ./bin/run.sh
user: app
health: {command: "true", interval: 200ms, min_healthy_time: 1s}
scripts: {before_activate: ./bin/before.sh}
"""
RUN = b"#!/bin/sh\nexec sleep 100000\n"
BEFORE = b"#!/bin/sh\necho began >>/var/tmp/hook\nuntil [ -e /var/tmp/go ]; do sleep 0.1; done\n"


@dataclass
class World:
    machines: dict[str, Machine]
    followed: list[Block] = field(default_factory=list)

    @property
    def machine(self) -> Machine:
        """The one with the .deb."""
        return self.machines["slipway-1"]

    @property
    def other(self) -> Machine:
        """The one with the wheel."""
        return self.machines["slipway-2"]

    def follow(
        self,
        document: str,
        heading: str,
        *,
        only: int | None = None,
        on: Machine | None = None,
        folder: str = "/srv/old",
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """Do what stands under a heading; all of its blocks, or one of them."""
        chosen = [
            block
            for block in blocks_of(document)
            if block.heading == heading and only in (None, block.number)
        ]
        assert chosen, f"{document} has no commands under {heading}"
        self.followed += chosen
        machine = on or self.machine
        return "".join(follow(machine, block, folder, variables) for block in chosen)

    def follow_there(
        self, document: str, heading: str, *, only: int | None, variables: Mapping[str, str]
    ) -> str:
        """The same as somebody who works on the machine with the wheel, where packages lie."""
        there = self.other
        return self.follow(
            document, heading, only=only, on=there, folder=SERVICES, variables=variables
        )

    def written(self, document: str, kind: str = "yaml") -> str:
        """What the document says that a file of that kind holds."""
        [block] = [block for block in blocks_of(document) if block.kind == kind]
        self.followed.append(block)
        return block.text

    def slipway(self, *words: str, on: Machine | None = None) -> Any:
        """Ask by the command line that was installed."""
        machine = on or self.machine
        done = machine.run("slipway", *words, "-o", "json", check=False)
        told = f"slipway {words}\n{done.stdout}{done.stderr}{self.log(machine)}"
        assert done.returncode == 0, told
        return json.loads(done.stdout)

    def items(self, *words: str, on: Machine | None = None) -> list[dict[str, Any]]:
        listed = self.slipway(*words, on=on)
        return list(listed["items"] if isinstance(listed, dict) else listed)

    def names(self, *words: str, on: Machine | None = None) -> set[str]:
        return {item["name"] for item in self.items(*words, on=on)}

    def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}\n{self.log()}"
            time.sleep(0.1)

    def log(self, machine: Machine | None = None) -> str:
        words = ("journalctl", "--no-pager", "--unit", "slipway*")
        return (machine or self.machine).says(*words)[-6000:]

    def let_in(self, printed: str, *hosts: str) -> None:
        """Put a public key that was printed where it lets somebody in."""
        [key] = re.findall(r"ssh-ed25519 \S+", printed)
        for name in hosts:
            file = self.machines[name].path(f"/home/{PERSON}/.ssh/authorized_keys")
            with file.open("a") as lines:
                lines.write(f"{key}\n")

    def call_web_1(self, host: str, by: Machine) -> None:
        """Let the host have, for one server, the address that the documents give to web-1."""
        machine = self.machines[host]
        machine.run("ip", "address", "add", f"{WEB_1}/32", "dev", "host0")
        by.run("ip", "route", "add", f"{WEB_1}/32", "via", machine.address)


@contextmanager
def fresh_world(lab: Lab, scratch: Path) -> Iterator[World]:
    """Machines with nothing of ours but the files of two releases, and packages of services."""
    for version, name in ((OLD, "old"), (NEW, "new")):
        make(scratch / name, version)
    added = {machine.name: machine for machine in lab.add_machines(*SERVERS, *HOSTS)}
    with (
        debian_mirror(lab.controller_address) as source,
        package_index(lab.controller_address) as index,
    ):
        for name in SERVERS:
            machine = added[name]
            for release in ("old", "new"):
                shutil.copytree(scratch / release, machine.path(f"/srv/{release}"))
            machine.path("/etc/apt/sources.list").write_text(source)
            machine.path("/etc/pip.conf").write_text(index)
        _pack_services(added["slipway-1"])
        with added["slipway-1"].path("/etc/hosts").open("a") as hosts:
            hosts.write("127.0.0.1 slipway.example.com\n")
        yield World(added)
    for name in added:
        lab.remove_machine(name)


def _pack_services(machine: Machine) -> None:
    machine.path("/srv/services").mkdir()
    for name, before in (
        *(("app-1", b"#!/bin/sh\n"), ("app-2", BEFORE), ("app-3", BEFORE + b"# next\n")),
        *(("billing-1.0", b"#!/bin/sh\n"), ("billing-1.1", b"#!/bin/sh\n# next\n")),
    ):
        content = {"slipway.yaml": SPEC, "bin/run.sh": RUN, "bin/before.sh": before}
        pack(content, machine.path(f"/srv/services/{name}.tar.gz"))
