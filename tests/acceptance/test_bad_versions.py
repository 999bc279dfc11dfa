"""Bad versions go back by themselves to what ran before, and the record says why."""

import itertools
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.packages import Manners, shop_package
from tests.acceptance.town import Town

pytestmark = [pytest.mark.acceptance, pytest.mark.once]  # what a version does, no database says

OLD, BAD = "1.0", "1.1"
NUMBERS = itertools.count(1)
BATCHES = {"batches": "1 50%", "max_unavailable": "50%"}


@dataclass
class Shop:
    """A service that runs its old version on all five hosts, and a bad one that waits."""

    town: Town
    service: str
    port: int

    def upgrade(self, **more: Any) -> int:
        return self.town.start_rollout("upgrade", self.service, BAD, **BATCHES | more)

    # --- what is on the hosts, looked at without Slipway --------------------------------------

    def runs(self, host: dict[str, Any]) -> tuple[str, str, str]:
        """The version by its link, by its process' own folder, and by what it answers."""
        note = Path(host["root"], f"pid-{self.service}")
        pid = note.read_text().split()[0] if note.exists() else "-"
        folder = Path("/proc", pid, "cwd")
        try:
            process = folder.readlink().name
        except OSError:
            process = ""
        return self.town.link(host, self.service, str(self.port)), process, self._answer(host)

    def everywhere(self, version: str) -> None:
        """Hosts and instances say: this version, on all of them, and well."""
        found = {host["name"]: self.runs(host) for host in self.town.hosts}
        assert found == {host["name"]: (version,) * 3 for host in self.town.hosts}
        told = {
            (one["version"], one["seen_version"], one["status"])
            for one in self.town.get("/instances", service=self.service)["items"]
        }
        assert told == {(version, version, "running")}

    def trouble(self, host: dict[str, Any]) -> Path:
        """The file that makes every version ill on this host."""
        return Path(host["root"], self.service, str(self.port), "shared", "trouble")

    def _answer(self, host: dict[str, Any]) -> str:
        try:
            answer = httpx.get(f"http://{host['address']}:{self.port}/healthz", timeout=5)
        except httpx.TransportError:
            return ""
        return str(answer.json()["version"])

    def end_processes(self) -> None:
        for host in self.town.hosts:
            note = Path(host["root"], f"pid-{self.service}")
            with suppress(OSError):
                os.kill(int(note.read_text().split()[0]), signal.SIGKILL)

    # --- what the records say -----------------------------------------------------------------

    def taken_back(self, rollout: int) -> dict[str, Any]:
        """The rollout once it has taken everything back by itself."""

        def found() -> Any:
            told = self.town.rollout(rollout)
            return told["state"] == "halted" and told

        ended: dict[str, Any] = self.town.until(found, f"rollout {rollout} takes itself back")
        listed = self.town.get("/rollouts", service=self.service)["items"]
        assert [one["id"] for one in listed if one["reverts"]] == []
        return ended

    def place(self, host: str) -> str:
        return f"{host}:{self.port}"

    def locks(self) -> list[dict[str, Any]]:
        held = self.town.get("/locks")["items"]
        return [lock for lock in held if lock["service"] == self.service]


@pytest.fixture
def shop(town: Town, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The manners of the bad version are the fixture's parameter."""
    with socket.create_server(("127.77.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    shop = Shop(town, f"shop-{next(NUMBERS)}", port)
    town.make_service(shop.service)
    for version, manners in ((OLD, Manners()), (BAD, request.param)):
        town.upload(shop.service, version, shop_package(shop.service, version, manners))
    names = [host["name"] for host in town.hosts]
    deploy = town.start_rollout(
        "deploy", shop.service, OLD, hosts=names, port=port, batches="100%", max_unavailable="100%"
    )
    ended = town.await_end(deploy)
    assert ended["state"] == "succeeded", ended
    yield shop
    for number in [one["id"] for one in town.get("/rollouts", service=shop.service)["items"]]:
        if town.rollout(number)["state"] in {"pending", "running", "paused"}:
            town.post(f"/rollouts/{number}/cancel", {})
            town.await_end(number)
    shop.end_processes()


def touched(rollout: dict[str, Any]) -> set[str]:
    return {target["host"] for target in rollout["targets"] if target["touched"]}


def ways(rollout: dict[str, Any]) -> set[tuple[str, str]]:
    return {(target["from_version"], target["to_version"]) for target in rollout["targets"]}


def agrees(shop: Shop, rollout: dict[str, Any], *said: str) -> None:
    """What was touched went back, and rollout and lock say why, with all of `said`."""
    ended = shop.taken_back(rollout["id"])
    assert ended["end"] == "halted and taken back"
    states = {target["state"] for target in ended["targets"] if target["touched"]}
    assert states == {"taken_back"}
    shop.everywhere(OLD)
    [lock] = shop.locks()
    assert lock["rollout"] == ended["id"]
    for sentence in (ended["outcome"], lock["reason"]):
        assert [word for word in said if word not in sentence] == [], sentence


# --- inside the rollout -------------------------------------------------------------------------


@pytest.mark.parametrize("shop", [Manners(ill=True)], indirect=True, ids=["ill"])
def test_a_version_that_never_gets_healthy_goes_no_further_than_the_canary(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade())

    assert ended["state"] == "halted"
    [host] = touched(ended)
    why = f"{shop.place(host)}: {BAD} did not become healthy."
    assert why in ended["outcome"]
    states = {target["host"]: target["state"] for target in ended["targets"]}
    assert states.pop(host) == "taken_back"
    assert set(states.values()) == {"cancelled"}
    [failed] = [target for target in ended["targets"] if target["host"] == host]
    assert why in failed["problem"]
    assert "500" in failed["problem"]  # what it answered
    assert failed["hint"]
    agrees(shop, ended, why)


@pytest.mark.once
@pytest.mark.parametrize(
    "shop", [Manners(ill_but_on="127.77.0.1")], indirect=True, ids=["ill but for the canary"]
)
def test_a_version_that_is_well_on_the_canary_only_goes_back_there_too(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade())

    assert ended["state"] == "halted"
    assert len(touched(ended)) > 1
    [canary] = [target for target in ended["targets"] if target["batch"] == 1]
    assert canary["host"] in touched(ended)
    assert canary["problem_code"] == "taken_back"  # it was well, and goes back with the others
    agrees(shop, ended, f": {BAD} did not become healthy.")


@pytest.mark.once
@pytest.mark.parametrize("shop", [Manners(says=OLD)], indirect=True, ids=["says it is 1.0"])
def test_a_version_that_answers_with_the_old_ones_number_is_not_believed(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade())

    assert ended["state"] == "halted"
    [host] = touched(ended)
    [failed] = [target for target in ended["targets"] if target["host"] == host]
    assert f'"version": "{BAD}"' in failed["problem"]  # what was missed in the answer
    agrees(shop, ended, f"{shop.place(host)}: {BAD} did not become healthy.", f'"version": "{BAD}"')


@pytest.mark.once
@pytest.mark.parametrize("shop", [Manners(dies_after=3)], indirect=True, ids=["dies after 3 s"])
def test_a_version_that_dies_between_two_batches_is_not_carried_on(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade(bake_time=6))

    assert ended["state"] == "halted"
    [host] = touched(ended)
    assert {target["batch"] for target in ended["targets"] if target["host"] == host} == {1}
    why = f"{shop.place(host)}: {BAD} was well, and does not run any more."
    assert why in ended["outcome"]
    agrees(shop, ended, why)


# --- after the rollout --------------------------------------------------------------------------


@pytest.mark.parametrize("shop", [Manners(dies_after=20)], indirect=True, ids=["dies after 20 s"])
def test_a_version_that_dies_after_20_seconds_is_taken_back_from_all_hosts(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade(batches="1 100%", max_unavailable="100%"))

    assert ended["state"] == "succeeded", ended  # it was healthy for as long as was asked for
    shop.everywhere(BAD)
    assert ended["watching"]
    agrees(shop, ended, f": {BAD} was well, and does not run any more.")


# --- when nobody wants it to go back by itself --------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("shop", [Manners(ill=True)], indirect=True, ids=["ill"])
def test_without_automatic_rollback_it_stays_until_a_person_takes_it_back(shop: Shop) -> None:
    ended = shop.town.await_end(shop.upgrade(automatic_rollback=False))

    assert ended["state"] == "halted"
    [bad] = touched(ended)
    assert shop.locks() == []
    found = {host["name"]: shop.runs(host) for host in shop.town.hosts}
    assert found.pop(bad) == (BAD,) * 3
    assert set(found.values()) == {(OLD,) * 3}
    listed = shop.town.get("/rollouts", service=shop.service)["items"]
    assert [one for one in listed if one["reverts"]] == []

    why = {"reason": "Alice has seen enough", "confirm": shop.service}
    back = shop.town.post(f"/rollouts/{ended['id']}/rollback", why)
    back = shop.town.await_end(back["id"])

    assert (back["state"], back["reverts"]) == ("succeeded", ended["id"])
    assert {target["host"] for target in back["targets"]} == {bad}
    assert ways(back) == {(BAD, OLD)}
    shop.everywhere(OLD)


# --- when it may not be the version's fault -----------------------------------------------------


@pytest.mark.parametrize("shop", [Manners(ill=True)], indirect=True, ids=["ill"])
def test_where_an_untouched_host_is_ill_as_well_a_person_has_to_look_first(shop: Shop) -> None:
    troubles = [shop.trouble(host) for host in shop.town.hosts]
    number = shop.upgrade()
    shop.town.until(lambda: touched(shop.town.rollout(number)), "the canary is in hand")
    for trouble in troubles:
        trouble.touch()
    paused = shop.town.until(
        lambda: (found := shop.town.rollout(number))["state"] == "paused" and found, "it pauses"
    )

    [bad] = touched(paused)
    question = paused["asks"]
    assert question["code"] == "control_is_ill"
    assert question["places"][0] == shop.place(bad)
    assert f"which was not touched, is not healthy either with {OLD}" in question["question"]
    found = {host["name"]: shop.runs(host)[:2] for host in shop.town.hosts}
    assert found.pop(bad) == (BAD, BAD)  # left as it is, to be looked at
    assert set(found.values()) == {(OLD, OLD)}

    # The trouble is over, and the version is bad nevertheless.
    for trouble in troubles:
        trouble.unlink()
    shop.town.post(f"/rollouts/{number}/resume", {"confirm": shop.service})
    ended = shop.town.await_end(number)
    assert ended["state"] == "halted"
    agrees(shop, ended, f"{shop.place(bad)}: {BAD} did not become healthy.")
