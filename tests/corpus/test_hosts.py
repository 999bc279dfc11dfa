"""Each line of hosts.txt, by OpenSSH's own sshd: it works, or one sentence says why not, before
anything is changed there."""

import asyncio
import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.ssh import SshHosts
from slipway.controller.hosts.fitness import unfit
from slipway.core.hosts.access import HostAccess
from slipway.core.release.steps import RunHook
from slipway.core.spec.values import Hook
from slipway.core.words.refusal import Refused
from tests.adapters.ssh import made, sshd
from tests.adapters.ssh.conftest import Yard, end_services
from tests.corpus.library import run

HERE = Path(__file__).parent
LINES = [
    [part.strip() for part in f"{line} ".split(" ::")]
    for line in (HERE / "hosts.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")

pytestmark = pytest.mark.skipif(sshd.SSHD is None, reason="there is no sshd on this machine")


@pytest.mark.parametrize(("name", "otherwise", "expected"), LINES, ids=[line[0] for line in LINES])
async def test_a_host_works_or_says_why_not(
    name: str, otherwise: str, expected: str, tmp_path: Path
) -> None:
    async with host(tmp_path, otherwise) as yard:
        said = await checked(yard)
        if expected == "works":
            assert said is None, said
            await works(yard)
            return
        assert said is not None, "it is said to be fit"
        sentence, hint = expected.replace("USER", getpass.getuser()).split(" ~ ")
        assert sentence in said.message
        assert hint in said.hint
        assert list(Path(yard.root).iterdir()) == []


@asynccontextmanager
async def host(folder: Path, otherwise: str) -> AsyncIterator[Yard]:
    if "rsa_key" in otherwise:  # half a second each
        making = ["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(folder / "rsa_key")]
        subprocess.run(making, check=True)
    parts = [part.strip().partition(" ") for part in otherwise.split("|") if part.strip()]
    lines = [rest.replace("FOLDER", str(folder)) for kind, _, rest in parts if kind == "sshd"]
    env = [rest for kind, _, rest in parts if kind == "env"]
    for kind, _, rest in parts:
        if kind == "without":
            env.append(f"PATH={tools_without(folder / 'bin', rest.split())}")
        if kind == "shell":
            own = HERE / "shells" / rest
            shell = str(own) if own.exists() else rest
            lines.append(f'ForceCommand {shell} -c "$SSH_ORIGINAL_COMMAND"')
    if env:
        lines.append("SetEnv " + " ".join(env))
    async with sshd.running(folder, lines) as access:
        root = folder / "web-1" / "root"
        root.mkdir(parents=True)
        hosts = SshHosts()
        try:
            yield Yard(hosts, replace(access, name="web-1", root=str(root), host_key=""), folder)
        finally:
            await hosts.close()
            end_services(str(root))


def tools_without(folder: Path, missing: list[str]) -> Path:
    """A folder with all programs of this machine, but for these."""
    folder.mkdir()
    for each in (path for place in reversed(PATH) for path in sorted(Path(place).glob("*"))):
        link = folder / each.name
        link.unlink(missing_ok=True)
        if each.name not in missing:
            link.symlink_to(each)
    return folder


async def checked(yard: Yard) -> Refused | None:
    """What `host check` says, which learns its key first."""
    try:
        learnt = await yard.hosts.learn_key(yard.access)
        yard.access = replace(yard.access, host_key=learnt)
        return unfit(yard.access, await yard.hosts.check(yard.access))
    except Refused as refused:
        return refused


async def works(yard: Yard) -> None:
    greet = b'#!/bin/sh\necho "it is $GREETING"\n'
    await yard.bring("1.0", greet=greet)
    hook = RunHook("before_activate", Hook(("./bin/greet.sh",), made.SOON, made.SOON), "1.0")
    steps = made.switch(yard.root, "1.0"), made.restart(), made.probe("1.0")
    results = await yard.perform(made.chain(hook, *steps, name="works"))
    assert [result.exit_code for result in results] == [0] * 4, results
    (seen,) = (await yard.hosts.observe(yard.access, "billing")).instances
    assert (seen.running_version, seen.drift) == ("1.0", ())


async def test_one_that_has_no_room_for_us_is_not_called_lost(tmp_path: Path) -> None:
    async with host(tmp_path, "sshd MaxStartups 1:100:1") as yard:
        with contextlib.closing(await stranger(yard.access)):
            said = await checked(yard)
        assert said is not None
        assert "closed the connection before anybody was logged in" in said.message
        assert "MaxStartups" in said.hint


async def stranger(access: HostAccess) -> socket.socket:
    """One that has come, and does not log in."""
    deadline = asyncio.get_running_loop().time() + 20
    while True:
        found = socket.create_connection((access.address, access.port))
        if found.recv(4) == b"SSH-":
            return found
        found.close()
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


async def test_a_root_folder_that_is_a_link_works(tmp_path: Path) -> None:
    async with host(tmp_path, "") as yard:
        elsewhere = tmp_path / "data"
        Path(yard.root).rename(elsewhere)
        Path(yard.root).symlink_to(elsewhere)
        assert await checked(yard) is None
        await works(yard)
        assert await checked(yard) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders away")
@pytest.mark.parametrize("place", ["billing", "billing/8080", "billing/releases", ".slipway"])
async def test_a_folder_that_was_given_away_is_told_before_any_chain(
    tmp_path: Path, place: str
) -> None:
    async with host(tmp_path, "") as yard:
        await checked(yard)
        await works(yard)
        folder = Path(yard.root, place)
        shutil.chown(folder, "games", "games")
        said = await checked(yard)
        assert said is not None
        assert f"{folder} belongs to games, who could change" in said.message
        remedy = re.search(r"chown -R \S+ \S+", said.message)
        assert remedy is not None
        subprocess.run(remedy[0].split(), check=True)
        assert await checked(yard) is None


async def test_folders_that_others_may_write_in_or_that_are_links_are_told(tmp_path: Path) -> None:
    async with host(tmp_path, "") as yard:
        await checked(yard)
        await works(yard)
        receipts = Path(yard.root, "billing/8080/receipts")
        receipts.chmod(0o777)
        said = await checked(yard)
        assert said is not None
        assert f"others can write in {receipts}" in said.message
        receipts.rename(tmp_path / "receipts")
        receipts.symlink_to(tmp_path / "receipts")
        said = await checked(yard)
        assert said is not None
        assert f"{receipts} is a link" in said.message


@pytest.mark.parametrize(
    ("sudo", "expected"),
    [
        ("exit 0", "0 quick"),
        ("exit 1", "1 quick"),
        ("sleep 3; exit 0", "0 slow"),
        ("exec sleep 1000", "1 slow"),
    ],
)
def test_how_long_sudo_takes_is_measured_and_bounded(
    tmp_path: Path, sudo: str, expected: str
) -> None:
    (tmp_path / "sudo").write_text(f"#!/bin/sh\n{sudo}\n")
    (tmp_path / "sudo").chmod(0o755)
    said = run(
        f"PATH={tmp_path}:$PATH me=deploy SUDO_MS=10000",
        "can_become_root; code=$?",
        '[ "$sudo_ms" -ge 3000 ] && echo "$code slow" || echo "$code quick"',
    )
    assert said == expected
