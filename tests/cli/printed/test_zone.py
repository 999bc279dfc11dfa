"""Times are those of whoever sits here, and say so once: in a table's head, a line, a sentence.
What programs read stays UTC."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway_cli.printed import zone
from slipway_cli.printed.render import Column, at_time
from slipway_cli.printed.zone import zone_name
from tests.cli.conftest import Run
from tests.cli.standin import Standin

ROOT = Path(__file__).parents[3] / "slipway_cli"
HOST = {
    "name": "web-1",
    "user": "deploy",
    "address": "10.0.0.11",
    "port": 22,
    "environment": "prod",
    "state": "ok",
    "labels": {},
    "last_seen_at": "2026-11-27T12:00:00Z",
}
LINE = {"host": None, "step": "", "text": "It begins.", "at": "2026-11-27T12:00:00Z", "rev": 1}


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever sits here has the time of Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_a_table_names_the_zone_in_its_head(server: Standin, slipway: Run) -> None:
    server.on("GET /hosts", {"items": [HOST], "total": 1})
    head, row = slipway("host", "list").out.splitlines()
    assert "LAST SEEN (EUROPE/BERLIN)" in head
    assert "2026-11-27 13:00:00" in row
    assert "Berlin" not in row


@pytest.mark.usefixtures("berlin")
def test_one_thing_names_it_beside_the_time(server: Standin, slipway: Run) -> None:
    server.on("GET /hosts/web-1", HOST)
    assert re.search(r"last seen \(Europe/Berlin\) +2026-11-27 13:00:00", _shown(slipway))


def _shown(slipway: Run) -> str:
    return slipway("host", "show", "web-1").out


@pytest.mark.usefixtures("berlin")
def test_a_log_names_it_once_and_not_among_its_lines(server: Standin, slipway: Run) -> None:
    server.on("GET /rollouts/7/log", {"items": [LINE], "next": 1}, {"items": [], "next": 1})
    ended = slipway("rollout", "log", "7")
    assert ended.out == "2026-11-27 13:00:00  It begins.\n"
    assert ended.err == "Times are those of Europe/Berlin.\n"


@pytest.mark.usefixtures("berlin")
def test_a_sentence_names_it(server: Standin, slipway: Run) -> None:
    server.on("POST /environments/prod/windows", {"until": "2026-12-24T00:00:00Z"})
    ended = slipway("window", "add", "prod", "--until", "2026-12-24", "--reason", "why")
    assert "until 2026-12-24 01:00:00 (Europe/Berlin)." in ended.err


@pytest.mark.usefixtures("berlin")
def test_what_programs_read_stays_as_the_server_says_it(server: Standin, slipway: Run) -> None:
    server.on("GET /hosts", {"items": [HOST], "total": 1})
    assert slipway("host", "list", "-o", "json").document == [HOST]


@pytest.mark.parametrize("code", sorted(ROOT.rglob("*.py")), ids=lambda path: path.name)
def test_no_time_stands_in_a_sentence_without_its_zone(code: Path) -> None:
    """A column names it for all of its times; beside one time it is said with it."""
    bare = re.findall(r"at_time\([^)]*\)\(", code.read_text())
    allowed = {"rollouts.py": 1, "environments.py": 1, "render.py": 1}.get(code.name, 0)
    assert len(bare) == allowed  # a log, whose first line names it; from when, beside until when


@pytest.mark.parametrize(
    ("named", "link", "name"),
    [
        ("Europe/Berlin", "/usr/share/zoneinfo/Asia/Tokyo", "Europe/Berlin"),
        (":Asia/Shanghai", "", "Asia/Shanghai"),
        (None, "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        (None, "/etc/somewhere", time.strftime("%Z")),
        ("", "/usr/share/zoneinfo/Asia/Tokyo", time.strftime("%Z")),
        ("../../etc/passwd", "", time.strftime("%Z")),
    ],
)
def test_a_zone_has_the_name_that_people_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str | None, link: str, name: str
) -> None:
    here = tmp_path / "localtime"
    here.symlink_to(link or "/nowhere")
    monkeypatch.setattr(zone, "_HERE", here)
    if named is None:
        monkeypatch.delenv("TZ", raising=False)
    else:
        monkeypatch.setenv("TZ", named)
    assert zone_name() == name


def test_only_times_have_one() -> None:
    assert Column("name", "name").title == "name"
    assert Column("since", at_time("since")).title.startswith("since (")
