"""Three hundred hosts are watched while web and worker are killed and started again: in the end the
board says of each host, and line by line, what the rows say. The hosts are emulated, their SSH is
not."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks.moving.package import SERVICE, make_package
from tests.browser.towns import EmptyTown, opened, sign_in_as_admin

pytestmark = pytest.mark.acceptance

HOSTS, CANARIES = 300, 30
SPREAD = 4  # seconds within which the hosts of a batch are done
TAKEN_OVER = "drives it from now on"
CELLS = """() => [...document.querySelectorAll(".cell")].map((cell) => [
    Number(cell.id.slice(1)), cell.dataset.host, cell.className.match(/is-\\w+/)[0],
    cell.dataset.mark, cell.lastElementChild.textContent.trim(), cell.title,
])"""
LINES = """() => [...document.querySelectorAll("#log p")].map((line) => [
    Number(line.id.slice(1)), line.querySelector("time").textContent, line.dataset.host,
    line.className, line.lastElementChild.textContent,
])"""


class ManyHosts(EmptyTown):
    """Each of them has an address of its own, and nothing runs there yet."""

    def _open_hosts(self) -> None:
        with socket.socket() as probe:
            probe.bind(("0.0.0.0", 0))
            self._door = int(probe.getsockname()[1])
        with (self.folder / "hosts.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.emulated.hosts", str(self._door)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,
            )
        self._processes["hosts"] = process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{SPREAD}\n".encode())
        process.stdin.flush()
        host_key = process.stdout.readline().decode().strip()
        self.more = (
            "from benchmarks.emulated.rows import furnish\n"
            f"furnish({HOSTS}, 0, {self._door}, {host_key!r})\n"
        )

    def _furnish(self) -> None:
        answer = self.api.patch("/environments/prod", json={"promotion_needed": True})
        assert answer.status_code == 200, answer.text
        self.post("/services", {"name": SERVICE, "language": "other"})
        self.upload(SERVICE, "1.0", make_package(self.folder, "1.0").read_bytes())

    def deploy(self) -> int:
        names = [f"web-{number}" for number in range(1, HOSTS + 1)]
        how = {"batches": f"{CANARIES} 100%", "max_unavailable": "100%", "port": 8080}
        return self.start_rollout("deploy", SERVICE, "1.0", hosts=names, **how)

    def lines(self, rollout: int) -> list[dict[str, Any]]:
        """All lines of its log, as programs read them."""
        found: list[dict[str, Any]] = []
        after = 0
        while (part := self.get(f"/rollouts/{rollout}/log", after=after, limit=200))["items"]:
            found += part["items"]
            after = part["next"]
        return found


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ManyHosts]:
    with opened(ManyHosts(tmp_path, HOSTS)) as town:
        yield town


@pytest.fixture
def board(town: ManyHosts, page: Page, expected: list[str]) -> Iterator[Page]:
    expected += ["Failed to load resource", "Access to", "htmx"]  # while nobody answers
    sign_in_as_admin(page, town)
    page.goto(f"{town.address}/rollouts/{town.deploy()}")
    expect(page.locator("#live")).to_have_text("live")
    yield page
    page.goto("about:blank")


def test_no_cell_and_no_line_is_wrong_or_missing_in_the_end(town: ManyHosts, board: Page) -> None:
    canaries, number = board.locator("#batch-1 .cell.is-ok"), int(board.url.rpartition("/")[2])
    town.kill("web")
    town.start_worker()
    expect(board.locator("#away")).to_be_visible()
    expect(canaries).to_have_count(0)
    town.start_web()
    expect(board.locator("#away")).to_be_hidden()
    expect(canaries).to_have_count(CANARIES)
    town.arm("S10")  # the worker kills itself as soon as the first host of the next batch is well
    town.post(f"/rollouts/{number}/promote", {"confirm": SERVICE})
    town.until(lambda: not town.is_running("worker"), "the worker has died")
    town.start_worker()
    expect(board.locator("#live")).to_have_text("end of the log")
    says_what_is_so(board, town, number)
    board.goto(f"{town.address}/rollouts/{number}?all=1")
    says_what_is_so(board, town, number)


def says_what_is_so(board: Page, town: ManyHosts, number: int) -> None:
    rollout, lines = town.rollout(number), town.lines(number)
    assert (rollout["state"], rollout["counts"]) == ("succeeded", {"succeeded": HOSTS})
    assert len(lines) >= HOSTS
    assert [line["text"] for line in lines if TAKEN_OVER in line["text"]] != []
    assert board.evaluate(CELLS) == [cell_of(target) for target in rollout["targets"]]
    assert board.evaluate(LINES) == [line_of(line) for line in lines]
    expect(board.locator(".legend [data-mark=ok] b")).to_have_text(str(HOSTS))
    expect(board.locator(".sentence")).to_contain_text(f"Done: {HOSTS} hosts got 1.0.")


def cell_of(target: dict[str, Any]) -> list[object]:
    return [target["id"], place_of(target), "is-ok", "ok", "succeeded", ""]


def line_of(line: dict[str, Any]) -> list[object]:
    moment = datetime.fromisoformat(line["at"])
    place = place_of(line) if line["host"] else ""
    return [line["id"], f"{moment:%H:%M:%S}", place, line["level"], line["text"]]


def place_of(told: dict[str, Any]) -> str:
    return f"{told['host']}:{told['port']}" if told["port"] else str(told["host"])
