"""Decision records: numbered without a gap, dated, with a status, short enough to be read."""

import re
from datetime import date
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

FOLDER = Path(__file__).parents[1] / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("*.md"))
MOST_LINES, MOST_COLUMNS = 25, 120
STATUS = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d), "
    r"(?:accepted|replaced(?: in part)? by \[(?P<by>\d+)\]\((?P<file>[\w.-]+)\))\."
)


def test_their_numbers_have_no_gap() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: str(path.name[:4]))
def test_each_has_its_number_a_date_and_a_status_and_is_short(record: Path) -> None:
    lines = record.read_text().splitlines()
    assert lines[0].startswith(f"# {int(record.name[:4])}. ")
    status = STATUS.fullmatch(lines[2])
    assert status, f"{record.name} says no date and status: {lines[2]}"
    assert date.fromisoformat(status["date"])
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if len(line) > MOST_COLUMNS] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: str(path.name[:4]))
def test_what_replaces_one_is_there(record: Path) -> None:
    status = STATUS.fullmatch(record.read_text().splitlines()[2])
    if status and status["by"]:
        assert (FOLDER / status["file"]).is_file()
        assert int(status["file"][:4]) == int(status["by"]) > int(record.name[:4])
