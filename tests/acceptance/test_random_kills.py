"""Three workers on one PostgreSQL, killed at random: others go on with builds and rollouts."""

import random
import time
from functools import partial

import pytest

from tests.acceptance.builders import GitLabBuilder, await_build
from tests.acceptance.packages import COUNTED
from tests.acceptance.town import Town

pytestmark = pytest.mark.acceptance

OLD, NEW = "1.0", "1.1"
SERVICES = ("books", "bread", "boats")
KILLS = 6
TAKEN_OVER_WITHIN = 30.0  # seconds; they are dead after 3, and others look every few seconds


def test_whoever_dies_builds_and_rollouts_end_once(town: Town, is_postgresql: bool) -> None:
    if not is_postgresql:
        pytest.skip("an embedded database is one machine's, whose worker is killed elsewhere")
    pids = {"worker": town.worker.pid}
    pids |= {name: town.start_worker(name).pid for name in ("worker-2", "worker-3")}
    for service in SERVICES:
        _deploy(town, service)
    with GitLabBuilder() as gitlab:
        gitlab.furnish(town)
        wish = {"batches": "1 1 1 1 100%", "bake_time": 6}
        upgrades = [town.start_rollout("upgrade", service, NEW, **wish) for service in SERVICES]
        builds = _kill_at_random(town, gitlab, pids, upgrades)
        for upgrade, service in zip(upgrades, SERVICES, strict=True):
            ended = town.await_end(upgrade)
            assert ended["state"] == "succeeded", ended
            _hosts_agree(town, service)
        for service, build in builds.items():
            ended = await_build(town, build)
            assert ended["status"] == "success", ended
            assert gitlab.ran(service) == 1


def _kill_at_random(
    town: Town, gitlab: GitLabBuilder, pids: dict[str, int], upgrades: list[int]
) -> dict[str, int]:
    """Have a build under way at each kill; returns them by their services. Says how long it took
    until somebody else drove what the dead worker had driven."""
    chance, builds, pauses = random.Random(11), {}, []
    for number in range(KILLS):
        service = f"built-{number}"
        gitlab.make_service(town, service)
        builds[service] = town.post(f"/services/{service}/builds", {"ref": "main"})["id"]
        strikes_at = time.monotonic() + chance.uniform(0, 3)
        town.until(partial(_is_past, strikes_at), "some time has passed")
        at_work = [name for name in pids if _driven(town, pids[name], upgrades)]
        victim = chance.choice(at_work or list(pids))
        pauses += _kill(town, victim, pids, upgrades)
    print("taken over after", *(f"{pause:.1f}" for pause in pauses), "s")
    assert pauses
    return builds


def _kill(town: Town, worker: str, pids: dict[str, int], upgrades: list[int]) -> list[float]:
    """Kill a worker and start it again; returns how long each of its rollouts had no driver."""
    driven = _driven(town, pids[worker], upgrades)
    town.kill(worker)
    died_at, pauses = time.monotonic(), []
    for number in driven:
        town.until(
            partial(_drives_no_more, town, pids[worker], number),
            f"rollout {number} is taken over",
            TAKEN_OVER_WITHIN,
        )
        pauses.append(time.monotonic() - died_at)
    pids[worker] = town.start_worker(worker).pid
    return pauses


def _driven(town: Town, pid: int, upgrades: list[int]) -> list[int]:
    return [number for number in upgrades if _drives(town, pid, number)]


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _drives(town: Town, pid: int, number: int) -> bool:
    driver = town.rollout(number)["driver"]
    return driver is not None and driver["worker"].endswith(f"({pid})")


def _drives_no_more(town: Town, pid: int, number: int) -> bool:
    return not _drives(town, pid, number)


def _deploy(town: Town, service: str) -> None:
    town.make_service(service, OLD, NEW)
    names = [host["name"] for host in town.hosts]
    wish = {"hosts": names, "batches": "100%", "max_unavailable": "100%"}
    deploy = town.start_rollout("deploy", service, OLD, **wish)
    assert town.await_end(deploy)["state"] == "succeeded"


def _hosts_agree(town: Town, service: str) -> None:
    """Every host runs the new version, and no step's body ran twice."""
    once = dict.fromkeys(COUNTED, 1) | {"stop": 0}
    for host in town.hosts:
        assert town.running(host, service) == NEW, host["name"]
        ran = town.bodies(host, service, NEW)
        assert {name: ran[name] for name in COUNTED} == once, (host["name"], ran)
        assert town.bodies(host, service, OLD)["stop"] == 1, host["name"]
