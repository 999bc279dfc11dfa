"""Killed at every moment of an upgrade of five hosts, Slipway comes back and ends it rightly."""

from typing import Any

import pytest

from slipway.controller.worker.failpoints import Point
from tests.acceptance.halves import half
from tests.acceptance.packages import COUNTED
from tests.acceptance.town import Town

pytestmark = pytest.mark.acceptance

OLD, NEW = "1.0", "1.1"
# The worker alone, or web, worker and database together.
VICTIMS = ("worker", "everything")


@pytest.mark.parametrize(("point", "victim"), half("S", VICTIMS))
def test_a_crash_at_any_step_changes_nothing_but_the_time(
    town: Town, point: Point, victim: str
) -> None:
    service = f"s{point.value.lower()}-{victim}"
    _deploy(town, service)
    worker = town.worker
    town.arm(point.value)
    wish = {"batches": "1 50%", "max_unavailable": "50%"}
    upgrade = town.start_rollout("upgrade", service, NEW, **wish)
    town.until(lambda: worker.poll() is not None, f"the worker dies at {point.value}")
    assert worker.returncode == -9

    if victim == "everything":
        town.kill_everything()
        town.restore()
    else:
        town.start_worker()
    ended = town.await_end(upgrade)

    assert ended["state"] == "succeeded", ended
    assert [target["state"] for target in ended["targets"]] == ["succeeded"] * 5
    _hosts_agree(town, service)
    _records_agree(town, service)
    _lock_is_free(town, service)


def _deploy(town: Town, service: str) -> None:
    if not town.is_running("worker"):
        town.restore()  # an earlier test ended half-way
    town.make_service(service, OLD, NEW)
    names = [host["name"] for host in town.hosts]
    wish = {"hosts": names, "batches": "100%", "max_unavailable": "100%"}
    deploy = town.start_rollout("deploy", service, OLD, **wish)
    assert town.await_end(deploy)["state"] == "succeeded"


def _hosts_agree(town: Town, service: str) -> None:
    """Every host runs the new version, and no step's body ran twice."""
    once = dict.fromkeys(COUNTED, 1) | {"stop": 0}
    for host in town.hosts:
        assert town.link(host, service) == NEW, host["name"]
        assert town.running(host, service) == NEW, host["name"]
        ran = town.bodies(host, service, NEW)
        assert {name: ran[name] for name in COUNTED} == once, (host["name"], ran)
        assert town.bodies(host, service, OLD)["stop"] == 1, host["name"]


def _records_agree(town: Town, service: str) -> None:
    instances: list[dict[str, Any]] = town.get("/instances", service=service)["items"]
    found = {(one["status"], one["version"], one["seen_version"]) for one in instances}
    assert (len(instances), found) == (5, {("running", NEW, NEW)})


def _lock_is_free(town: Town, service: str) -> None:
    """The next operation is accepted, and finds nothing to do."""
    answer = town.post(
        "/rollouts",
        {"kind": "upgrade", "service": service, "environment": "prod", "version": NEW},
    )
    assert answer["code"] == "nothing_to_do", answer
