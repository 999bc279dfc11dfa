"""Scripts of a chain hear what is done there, those of an earlier release as well."""

from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import Chain, RunHook
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard

TELL = b'#!/bin/sh\necho "$1 $ROLLOUT_KIND $BATCH" >>"$HOME/told"\n'
STOP = made.STOP + b'echo "stop $ROLLOUT_KIND $BATCH" >>"$HOME/told"\n'


def _told(chain: Chain, kind: str, batch: str) -> Chain:
    return replace(chain, told=(("ROLLOUT_KIND", kind), ("BATCH", batch)))


async def test_scripts_hear_what_is_done(ssh: Yard) -> None:
    for version in ("1.0", "1.1"):
        await ssh.bring(version, tell=TELL, stop=STOP)
    for number, version in enumerate(("1.0", "1.1"), start=1):
        command = Hook(("./bin/tell.sh", version), made.SOON, made.SOON)
        hook = RunHook("before_activate", command, version)
        steps = hook, made.switch(ssh.root, version), made.restart()
        kind = "deploy" if version == "1.0" else "upgrade"
        results = await ssh.perform(_told(made.chain(*steps, name=f"n{number}"), kind, "3"))
        assert [result.exit_code for result in results] == [0, 0, 0], results
    await ssh.perform(_told(made.chain(made.stop(), name="stop"), "stop", "1"))
    told = (ssh.home / "told").read_text().splitlines()
    assert told == ["1.0 deploy 3", "1.1 upgrade 3", "stop upgrade 3", "stop stop 1"]
    # It is no part of what the instance is started with by the unit, or by hand.
    assert "ROLLOUT_KIND" not in Path(ssh.root, "billing/8080/environment").read_text()


@pytest.mark.parametrize("own", ["1.0", "1.1"])
async def test_a_release_keeps_a_variable_of_its_own_in_its_own_scripts(
    ssh: Yard, own: str
) -> None:
    for number, version in enumerate(("1.0", "1.1"), start=1):
        await ssh.bring(version, tell=TELL, stop=STOP)
        switch = made.switch(ssh.root, version)
        if version == own:
            switch = replace(switch, environment=(*switch.environment, ("BATCH", "of its own")))
        hook = RunHook(
            "before_activate", Hook(("./bin/tell.sh", version), made.SOON, made.SOON), version
        )
        chain = made.chain(hook, switch, made.restart(), name=f"n{number}")
        results = await ssh.perform(_told(chain, "upgrade", "3"))
        assert [result.exit_code for result in results] == [0, 0, 0], results
    await ssh.perform(_told(made.chain(made.stop(), name="stop"), "stop", "4"))
    older, newer = (("of its own" if version == own else "") for version in ("1.0", "1.1"))
    assert (ssh.home / "told").read_text().splitlines() == [
        f"1.0 upgrade {older or 3}",
        f"1.1 upgrade {newer or 3}",
        f"stop upgrade {older or 3}",
        f"stop stop {newer or 4}",
    ]
