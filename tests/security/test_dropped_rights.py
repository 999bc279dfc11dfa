"""A package's environment reaches nothing that runs with other rights than the package's own."""

import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import RunHook
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

NOBODY = "nobody"


async def _run_as_nobody(yard: Yard, script: str, **environment: str) -> str:
    """Run a script of release 1.0 with an environment of its own; returns what it printed."""
    hook = RunHook("after_activate", Hook((script,), made.SOON, made.SOON), "1.0", user=NOBODY)
    switch = made.switch(yard.root, "1.0")
    told = (*switch.environment, *environment.items())
    switch = replace(switch, environment=told, shared_owner=NOBODY)
    results = await yard.perform(made.chain(switch, hook, name="attack"))
    assert [result.exit_code for result in results] == [0, 0], results
    return results[-1].output


@AS_ROOT
async def test_what_the_loader_is_told_is_told_to_nothing_of_roots(open_yard: Yard) -> None:
    traces = open_yard.folder / "traces"
    traces.mkdir(mode=0o777)
    traces.chmod(0o777)
    await open_yard.bring("1.0", hello=b"#!/bin/sh\nid -un\n")
    told = {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": f"{traces}/loaded"}
    assert await _run_as_nobody(open_yard, "./bin/hello.sh", **told) == "nobody\n"
    owners = {pwd.getpwuid(path.stat().st_uid).pw_name for path in traces.iterdir()}
    assert owners == {NOBODY}  # the loader heard of it there, and nowhere else


@AS_ROOT
async def test_all_of_its_environment_arrives_on_the_other_side(open_yard: Yard) -> None:
    script = b'#!/bin/sh\nprintf "%s|%s|%s|%s" "$SECRET" "$HOME" "$USER" "$(pwd -P)"\n'
    await open_yard.bring("1.0", tell=script)
    secret = 'two\nlines\\n "and" $HOME `id` \\ end'
    output = await _run_as_nobody(open_yard, "./bin/tell.sh", SECRET=secret)
    home = pwd.getpwnam(NOBODY).pw_dir
    release = Path(open_yard.root).resolve() / "billing/releases/1.0"
    assert output == f"{secret}|{home}|{NOBODY}|{release}"
