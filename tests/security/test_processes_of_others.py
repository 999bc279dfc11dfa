"""A local user of a host can call a process anything: it is never ours, nor ended for us."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.ssh.requests.program import host_program
from slipway.core.release.steps import RunHook
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

NOBODY = 65534
WAIT = "import time; time.sleep(600)"
BECOME = "import os; os.setuid(0); "


def _mark(yard: Yard, version: str = "9.9") -> dict[str, str]:
    return {"SLIPWAY_RUNNING": f"{yard.root}/billing/8080/{version}"}


@contextmanager
def _stranger(
    environment: dict[str, str], python: str = "/usr/bin/python3", script: str = WAIT
) -> Iterator["subprocess.Popen[bytes]"]:
    say = f"print(flush=True); {script}"
    with subprocess.Popen(
        [python, "-I", "-S", "-c", script.replace(WAIT, say)],
        env=environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        try:
            yield process
        finally:
            process.kill()


def _lent(path: Path) -> Path:
    """A program that makes whoever runs it root."""
    shutil.copy(Path("/usr/bin/python3").resolve(), path)
    path.chmod(0o4755)
    return path


async def _running(yard: Yard) -> list[tuple[str, bool]]:
    observed = await yard.hosts.observe(yard.access, "billing")
    return [(seen.running_version, seen.pid is not None) for seen in observed.instances]


@AS_ROOT
async def test_a_stranger_with_our_mark_is_not_running_and_not_ended(any_yard: Yard) -> None:
    await any_yard.bring("1.0")
    await any_yard.bring("9.9")
    lines = {"NOISE": f"first\nSLIPWAY_RUNNING={any_yard.root}/billing/8080/9.9\n1\n"}
    with _stranger(_mark(any_yard)) as marked, _stranger(lines) as noisy:
        await any_yard.perform(made.chain(made.switch(any_yard.root, "1.0"), name="switch"))
        assert await _running(any_yard) == [("", False)]
        await any_yard.run_well("1.0")
        assert await _running(any_yard) == [("1.0", True)]
        (stopped,) = await any_yard.perform(made.chain(made.stop(), name="stop"))
        assert stopped.exit_code == 0, stopped
        assert await _running(any_yard) == [("", False)]
        assert (marked.poll(), noisy.poll()) == (None, None)


@AS_ROOT
async def test_a_strangers_process_that_became_wholly_roots_is_not_ours(any_yard: Yard) -> None:
    """As a sudo of his does, which keeps the environment that it was called with."""
    lent = _lent(any_yard.folder / "lent")
    await any_yard.bring("1.0")
    await any_yard.bring("9.9")
    await any_yard.perform(made.chain(made.switch(any_yard.root, "1.0"), name="switch"))
    with _stranger(_mark(any_yard), str(lent), BECOME + WAIT) as process:
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "Uid:\t0\t0\t0\t0" in status
        assert await _running(any_yard) == [("", False)]
        (stopped,) = await any_yard.perform(made.chain(made.stop(), name="stop"))
        assert stopped.exit_code == 0, stopped
        assert process.poll() is None


@AS_ROOT
async def test_a_script_that_took_too_long_takes_no_stranger_with_it(any_yard: Yard) -> None:
    await any_yard.bring("1.0", hang=b'#!/bin/sh\ntouch "$HOME/hanging"\nexec sleep 600\n')
    ticket = f"{any_yard.root}/.slipway/tickets/hang-1"
    hook = RunHook("before_activate", Hook(("./bin/hang.sh",), made.SOON, made.SOON), "1.0")
    hook = replace(hook, command=replace(hook.command, timeout=made.SOON / 6))
    with _stranger({"SLIPWAY_TICKET": ticket}) as process:
        (ended,) = await any_yard.perform(made.chain(hook, name="hang"))
        assert ended.exit_code == 124, ended
        assert (any_yard.home / "hanging").exists()
        assert process.poll() is None


async def test_a_mark_of_an_instance_that_is_called_nearly_so_is_not_ours(any_yard: Yard) -> None:
    """A dot in a path is a dot."""
    await any_yard.bring("1.0")
    switch = made.switch(any_yard.root, "1.0", "a.b")
    await any_yard.perform(made.chain(switch, name="switch", instance="a.b"))
    environment = {"SLIPWAY_RUNNING": f"{any_yard.root}/billing/a-b/1.0"}
    with subprocess.Popen(["/bin/sleep", "600"], env=environment) as process:
        try:
            assert set(await _running(any_yard)) == {("", False)}
        finally:
            process.kill()


@pytest.fixture
def plain_login(open_yard: Yard) -> Callable[[], str]:
    """An observation by a login that is not root, and has a sudo, of a service of another user."""
    folder = open_yard.folder / "plain"
    root, commands = folder / "root", folder / "commands"
    instance, release = root / "billing/8080", root / "billing/releases/1.0"
    for each in (commands, instance / "receipts", release):
        each.mkdir(parents=True)
    (release / ".slipway-package").write_text("0" * 64)
    (instance / "current").symlink_to("../releases/1.0")
    (instance / "environment").write_text("#supervisor script \n#user daemon\n#version 1.0\n")
    lent = _lent(commands / "lent")
    become = "import os, sys; os.setuid(0); os.execvp(sys.argv[1], sys.argv[1:])"
    (commands / "sudo").write_text(f"#!/bin/sh\nshift\nexec {lent} -I -S -c '{become}' \"$@\"\n")
    (commands / "sudo").chmod(0o755)
    for each in (folder, *folder.rglob("*")):
        if each != lent:
            shutil.chown(each, "games", "games")

    def observed() -> str:
        found = subprocess.run(
            ["/bin/sh", "-s", str(root), "sudo", "observe", "billing"],
            input=host_program().text,
            env={"PATH": f"{commands}:/usr/sbin:/usr/bin:/sbin:/bin"},
            user="games",
            group="games",
            extra_groups=[],
            capture_output=True,
            check=True,
        )
        (line,) = re.findall("^instance 8080 .*$", found.stdout.decode(), re.MULTILINE)
        return str(line)

    return observed


@AS_ROOT
def test_a_login_that_is_not_root_asks_as_root_whose_a_process_is(
    plain_login: Callable[[], str], open_yard: Yard
) -> None:
    root = open_yard.folder / "plain/root"
    mark = {"SLIPWAY_RUNNING": f"{root}/billing/8080/1.0"}
    with _stranger(mark, str(open_yard.folder / "plain/commands/lent"), BECOME + WAIT) as process:
        assert "Uid:\t0\t0\t0\t0" in Path(f"/proc/{process.pid}/status").read_text()
        assert " - - " in plain_login().partition(" 1.0 ")[0]
        assert f" {process.pid} " not in plain_login()
    with subprocess.Popen(["/bin/sleep", "600"], env=mark) as ours:
        try:
            assert f" {ours.pid} " in plain_login()
        finally:
            ours.kill()
