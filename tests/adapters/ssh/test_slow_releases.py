"""A release that is not looked through in time keeps neither a question nor a step waiting."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.release.steps import HostStep
from slipway.core.rollout.chain_reports import TIMED_OUT
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


class Disk:
    """May be so slow that no release is looked through in time."""

    def __init__(self, find: Path) -> None:
        self._find = find
        self._held: dict[Path, int] = {}

    def become_slow(self, *releases: Path) -> None:
        Path(f"{self._find}.slow").touch()
        for release in releases:
            # Hands find quickly that all is well; what else it is they leave to find.
            one = next(path for path in sorted(release.rglob("*")) if _is_listed(path))
            self._held[one] = one.stat().st_mtime_ns
            os.utime(one, ns=(0, self._held[one] + 1))

    def become_quick(self) -> None:
        for path, changed in self._held.items():
            os.utime(path, ns=(0, changed))
        Path(f"{self._find}.slow").unlink()

    def times_asked(self) -> int:
        return len(Path(f"{self._find}.asked").read_text().splitlines())


def _is_listed(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.startswith(".slipway")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    path = tmp_path / "slow" / "find"
    path.parent.mkdir()
    path.write_text(SLOW_FIND)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    return Disk(path)


async def test_what_is_not_looked_through_in_time_is_unknown(disk: Disk, ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    assert await drift(ssh) == ()
    disk.become_slow(Path(ssh.root, "billing/releases/1.0"))
    (unread,) = await drift(ssh)
    assert (unread, unread.is_known) == (Drift(What.UNREAD), False)

    before = disk.times_asked()
    assert await drift(ssh) == (unread,)
    assert disk.times_asked() == before, "it was looked through again at once"

    disk.become_quick()
    looked = Path(ssh.root, "billing/releases/1.0/.slipway-looked")
    boot, until, what = looked.read_text().split()
    assert (int(until) > uptime() + 60_000, what) == (True, "unread")
    looked.chmod(0o644)
    looked.write_text(f"{boot} {uptime()} unread\n")
    assert await drift(ssh) == ()


async def test_a_step_ends_in_its_time_though_a_release_cannot_be_looked_through(
    disk: Disk, ssh: Yard
) -> None:
    package = await ssh.bring("1.0")
    steps: dict[str, HostStep] = {
        "unpack": made.unpack("1.0", package),
        "switch": replace(made.switch(ssh.root, "1.0"), shared=("data",)),
    }
    disk.become_slow(Path(ssh.root, "billing/releases/1.0"))
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
    disk.become_quick()
    (result,) = await ssh.perform(made.chain(steps["switch"], name="again"))
    assert result.exit_code == 0, result


async def test_several_slow_releases_keep_a_question_no_longer_than_one(
    disk: Disk, by_hand: Yard
) -> None:
    for number in range(4):
        version = f"1.{number}"
        await by_hand.bring(version)
        switched = made.chain(
            made.switch(by_hand.root, version), name=f"s{number}", instance=f"808{number}"
        )
        await by_hand.perform(switched)
    disk.become_slow(*Path(by_hand.root, "billing/releases").iterdir())
    began = uptime()
    seen = (await by_hand.hosts.observe(by_hand.access, "billing")).instances
    assert [one.drift for one in seen] == [(Drift(What.UNREAD),)] * 4
    assert uptime() - began < 15_000


def uptime() -> int:
    """In milliseconds, as the host counts it."""
    return int(Path("/proc/uptime").read_text().split()[0].replace(".", "")) * 10
