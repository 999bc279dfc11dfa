"""Away for longer than the progress deadline, or with a clock that steps: a rollout goes on."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.town import Town

pytestmark = pytest.mark.acceptance

OLD, NEW = "1.0", "1.1"
DEADLINE = 10  # seconds without progress
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def test_after_a_long_outage_a_rollout_goes_on(town: Town) -> None:
    _deploy(town, "away")
    worker = town.worker
    town.arm("S8")
    upgrade = town.start_rollout("upgrade", "away", NEW, batches="1 50%", max_unavailable="50%")
    town.until(lambda: worker.poll() is not None, "the worker dies at S8")
    back_at = time.monotonic() + DEADLINE + 3
    town.until(lambda: time.monotonic() > back_at, "the deadline has passed")
    town.start_worker()
    _succeeds(town, upgrade, "away")


@pytest.mark.parametrize("step", [+3600, -3600], ids=["forwards", "backwards"])
@pytest.mark.parametrize("whose", [pytest.param("worker", marks=pytest.mark.once), "database"])
def test_a_step_of_the_clock_ends_nothing(
    town: Town, whose: str, step: int, is_postgresql: bool
) -> None:
    if whose == "database" and not is_postgresql:
        pytest.skip("SQLite has no clock of its own")
    assert FAKETIME is not None, "faketime is not installed: apt-get install faketime"
    clock = _Clock(town.folder.parent / f"clock-{whose}-{step}")
    service = f"{whose}-{'up' if step > 0 else 'down'}"
    _deploy(town, service)
    _use(town, clock, whose)
    upgrade = town.start_rollout("upgrade", service, NEW, batches="1 1 100%", bake_time=2)
    town.until(lambda: _is_done(town, upgrade) >= 1, "the first host is done")
    clock.step(step)
    _succeeds(town, upgrade, service)
    clock.step(0)
    _use(town, None, whose)


class _Clock:
    """What libfaketime reads: a file with the seconds that its process is ahead."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.step(0)

    def step(self, seconds: int) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.chmod(0o644)
        new.rename(self.file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # no clock that only counts is ever stepped
        }


def _use(town: Town, clock: _Clock | None, whose: str) -> None:
    """Start the worker, or the database, with a clock that can be stepped, or with ours again."""
    environment = clock.environment if clock else {}
    town.kill("worker")
    if whose == "worker":
        town.start_worker(**environment)
        return
    assert town.cluster is not None
    town.cluster.stop()
    town.cluster.environment = environment
    town.cluster.start()
    town.until(lambda: _is_back(town), "the web process has found its database again")
    town.start_worker()


def _is_back(town: Town) -> bool:
    return town.api.get("/environments").status_code == 200


def _deploy(town: Town, service: str) -> None:
    answer = town.api.patch("/environments/prod", json={"progress_deadline": DEADLINE})
    assert answer.status_code == 200, answer.text
    town.make_service(service, OLD, NEW)
    names = [host["name"] for host in town.hosts]
    wish: dict[str, Any] = {"hosts": names, "batches": "100%", "max_unavailable": "100%"}
    deploy = town.start_rollout("deploy", service, OLD, **wish)
    assert town.await_end(deploy)["state"] == "succeeded"


def _is_done(town: Town, number: int) -> int:
    states = [target["state"] for target in town.rollout(number)["targets"]]
    return states.count("succeeded")


def _succeeds(town: Town, number: int, service: str) -> None:
    ended = town.await_end(number)
    assert ended["state"] == "succeeded", ended
    assert [target["state"] for target in ended["targets"]] == ["succeeded"] * 5
    assert {town.running(host, service) for host in town.hosts} == {NEW}
    assert town.get("/locks")["items"] == []
