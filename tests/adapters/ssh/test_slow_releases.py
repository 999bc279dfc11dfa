"""A release that is not looked through in time keeps neither a question nor a step waiting."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.core.drift import Drift, What
from slipway.core.rollout.reading import TIMED_OUT
from slipway.core.steps import HostStep
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.adapters.ssh.test_drift import drift

SLOW_FIND = """#!/bin/sh
case "$*" in
    *-path\\ ./.slipway-files*)
        echo >>"$0.asked"
        [ ! -f "$0.slow" ] || { printf 'bin/app\\t555\\0'; exec sleep 1000; }
        ;;
esac
exec /usr/bin/find "$@"
"""


@pytest.fixture
def slow_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk so slow that no release is looked through in time, while find.slow is there."""
    path = tmp_path / "slow" / "find"
    path.parent.mkdir()
    path.write_text(SLOW_FIND)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    return path


def times_asked(find: Path) -> int:
    return len(Path(f"{find}.asked").read_text().splitlines())


async def test_what_is_not_looked_through_in_time_is_unknown(slow_find: Path, ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    assert await drift(ssh) == ()
    Path(f"{slow_find}.slow").touch()
    (unread,) = await drift(ssh)
    assert (unread, unread.is_known) == (Drift(What.UNREAD), False)

    before = times_asked(slow_find)
    assert await drift(ssh) == (unread,)
    assert times_asked(slow_find) == before, "it was looked through again at once"

    Path(f"{slow_find}.slow").unlink()
    looked = Path(ssh.root, "billing/releases/1.0/.slipway-looked")
    boot, until, what = looked.read_text().split()
    assert (int(until) > uptime() + 60_000, what) == (True, "unread")
    looked.chmod(0o644)
    looked.write_text(f"{boot} {uptime()} unread\n")
    assert await drift(ssh) == ()


async def test_a_step_ends_in_its_time_though_a_release_cannot_be_looked_through(
    slow_find: Path, ssh: Yard
) -> None:
    package = await ssh.bring("1.0")
    steps: dict[str, HostStep] = {
        "unpack": made.unpack("1.0", package),
        "switch": replace(made.switch(ssh.root, "1.0"), shared=("data",)),
    }
    Path(f"{slow_find}.slow").touch()
    for name, step in steps.items():
        began = uptime()
        (result,) = await ssh.perform(made.chain(step, name=name, timeout=timedelta(seconds=2)))
        assert (result.exit_code, result.output.splitlines()[-1]) == (
            TIMED_OUT,
            "Release 1.0 could not be looked through in the time that this step may take.",
        )
        assert uptime() - began < 8_000

    # Nor does who asks whether a package is there wait for it: it is sent once more.
    path = ssh.folder / package.filename
    assert await ssh.hosts.send_package(ssh.access, "billing", package, path) == package.size
    Path(f"{slow_find}.slow").unlink()
    (result,) = await ssh.perform(made.chain(steps["switch"], name="again"))
    assert result.exit_code == 0, result


async def test_several_slow_releases_keep_a_question_no_longer_than_one(
    slow_find: Path, by_hand: Yard
) -> None:
    for number in range(4):
        version = f"1.{number}"
        await by_hand.bring(version)
        switched = made.chain(
            made.switch(by_hand.root, version), name=f"s{number}", instance=f"808{number}"
        )
        await by_hand.perform(switched)
    Path(f"{slow_find}.slow").touch()
    began = uptime()
    seen = (await by_hand.hosts.observe(by_hand.access, "billing")).instances
    assert [one.drift for one in seen] == [(Drift(What.UNREAD),)] * 4
    assert uptime() - began < 15_000


def uptime() -> int:
    """In milliseconds, as the host counts it."""
    return int(Path("/proc/uptime").read_text().split()[0].replace(".", "")) * 10
