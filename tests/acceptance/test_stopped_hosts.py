"""One host of eight is stopped, its sshd too or its shells alone, at ten points of check,
observation, upgrade and rollback: the other seven end as without it, and it is told by name."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slipway.controller.hosts.instances import LOOK_EVERY, PAUSE
from tests.acceptance.town import Town
from tests.adapters.ssh.connections.hanging import shells
from tests.postgresql import postgresql_cluster

pytestmark = [pytest.mark.acceptance, pytest.mark.once]

HOSTS = 8
TOLD_WITHIN = 30.0  # seconds
LOOKED_AT_WITHIN = 90.0  # seconds: about once a minute
SLACK = 15.0  # seconds that a busy machine may take more than without it
OLD, NEW = "1.0", "1.1"
WISH = {"batches": "100%", "max_unavailable": "100%", "failure_budget": "1"}
# After which step of the upgrade the host is stopped, and what of it.
POINTS = [("before_activate", "sshd"), ("drain", "shell"), ("stop", "sshd"), ("start", "shell")]


class TownOfEight(Town):
    """Seven hosts, and one more that has an sshd of its own."""

    def _open_hosts(self) -> None:
        super()._open_hosts()
        command = [sys.executable, "-m", "slipway_demo.hosts", "--names", "web"]
        command += ["--own-addresses", "--first", str(HOSTS), "--count", "1"]
        process = subprocess.Popen(
            [*command, "--folder", str(self.folder / "hosts")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        self._processes["eighth"] = process
        assert process.stdout is not None
        self.hosts += json.loads(process.stdout.readline())["hosts"]

    @property
    def sshd_of_the_last(self) -> int:
        return self._processes["eighth"].pid


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory, is_postgresql: bool) -> Iterator[TownOfEight]:
    """Eight hosts, of which the last has an sshd of its own."""
    folder: Path = tmp_path_factory.mktemp("eight")
    if is_postgresql:
        with postgresql_cluster() as cluster:
            yield from _opened(TownOfEight(folder, cluster, hosts=HOSTS - 1))
    else:
        yield from _opened(TownOfEight(folder, None, hosts=HOSTS - 1))


def _opened(town: TownOfEight) -> Iterator[TownOfEight]:
    try:
        town.open()
        yield town
    finally:
        town.close()


@contextmanager
def stopped(town: TownOfEight, what: str) -> Iterator[None]:
    """Stop the last host's shells, or its sshd with them, until the block is left."""
    last = town.hosts[-1]
    processes = shells(last["root"])
    if what == "sshd":
        processes.append(town.sshd_of_the_last)
    try:
        _send(signal.SIGSTOP, processes)
        yield
    finally:
        _send(signal.SIGCONT, processes)


def _send(number: int, processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # a shell for a moment, or given up meanwhile
            os.kill(process, number)


@pytest.mark.parametrize("what", ["sshd", "shell"])
def test_a_check_of_eight_tells_the_one_that_is_stopped(eight: TownOfEight, what: str) -> None:
    names = [host["name"] for host in eight.hosts]
    with stopped(eight, what):
        began = time.monotonic()
        group = eight.post("/checks", {"hosts": names})["id"]

        def others() -> list[Any]:
            items = eight.get(f"/checks/{group}")["items"]
            return [each for each in items if each["host"] != names[-1]]

        eight.until(lambda: all(each["ok"] for each in others()), "the others are checked", 10)
        left = TOLD_WITHIN - (time.monotonic() - began)
        done = eight.until(
            lambda: (found := eight.get(f"/checks/{group}"))["finished"] and found, "told", left
        )
    (last,) = (each for each in done["items"] if each["host"] == names[-1])
    if what == "sshd":
        assert not last["ok"]
        assert names[-1] in str(last), last


@pytest.mark.parametrize(("step", "what"), POINTS)
def test_an_upgrade_and_its_rollback_of_eight_end_for_the_other_seven(
    eight: TownOfEight, step: str, what: str
) -> None:
    service = f"s-{step.replace('_', '-')}-{what}"
    health = {"interval": "1s", "min_healthy_time": "3s", "healthy_deadline": "120s"}
    eight.make_service(service, OLD, NEW, **health)
    names = [host["name"] for host in eight.hosts]
    alone = _took(eight, lambda: eight.start_rollout("deploy", service, OLD, hosts=names, **WISH))
    last = eight.hosts[-1]
    upgrade = eight.start_rollout("upgrade", service, NEW, **WISH)
    count = OLD if step == "stop" else NEW
    eight.until(lambda: eight.bodies(last, service, count)[step], f"{step} has begun there")
    with stopped(eight, what):
        _others_end(eight, upgrade, alone)
    _succeeds(eight, upgrade)
    back = eight.start_rollout("revert", service, **WISH)
    with stopped(eight, what):
        _others_end(eight, back, alone)
    _succeeds(eight, back)


def _succeeds(town: Town, number: int) -> None:
    end = town.await_end(number)
    assert end["state"] == "succeeded", (end["targets"], town.get(f"/rollouts/{number}/log"))


@pytest.mark.parametrize("what", ["sshd", "shell"])
def test_looks_at_the_other_seven_go_on(eight: TownOfEight, what: str) -> None:
    def seen(host: dict[str, Any]) -> Any:
        return eight.get(f"/hosts/{host['name']}")

    before = {host["name"]: seen(host)["last_seen_at"] for host in eight.hosts}
    *others, last = eight.hosts
    with stopped(eight, what):
        eight.until(
            lambda: all(seen(host)["last_seen_at"] > before[host["name"]] for host in others),
            "the others were looked at",
            LOOKED_AT_WITHIN,
        )
        assert all(seen(host)["state"] == "ok" for host in others)
        if what == "sshd":
            # It was not looked at with the others, if it was away when they were last.
            due = _seconds_until_due(seen(last)["last_seen_at"])
            eight.until(lambda: seen(last)["state"] != "ok", "it is told", due + TOLD_WITHIN)
    eight.until(lambda: seen(last)["state"] == "ok", "it is well again", LOOKED_AT_WITHIN)


def _seconds_until_due(seen_at: str) -> float:
    """Seconds until a host is looked at again, at the latest; none where that is over."""
    due = datetime.fromisoformat(seen_at) + LOOK_EVERY + timedelta(seconds=PAUSE)
    return max(0.0, (due - datetime.now(UTC)).total_seconds())


def _took(town: Town, start: Callable[[], int]) -> float:
    began = time.monotonic()
    assert town.await_end(start())["state"] == "succeeded"
    return time.monotonic() - began


def _others_end(town: Town, number: int, alone: float) -> None:
    """The seven are done in the time that they need without it; then it is told by name."""
    name, began = town.hosts[-1]["name"], time.monotonic()

    def targets() -> list[Any]:
        found: list[Any] = town.rollout(number)["targets"]
        return found

    def are_done() -> bool:
        return all(t["state"] == "succeeded" for t in targets() if t["host"] != name)

    def is_told() -> bool:
        (its,) = (t for t in targets() if t["host"] == name)
        return its["state"] == "unknown" or name in str(town.get(f"/rollouts/{number}/log"))

    town.until(are_done, "the others are done", alone + SLACK)
    town.until(is_told, "it is told by name", TOLD_WITHIN - (time.monotonic() - began))
