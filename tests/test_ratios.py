"""What the report of tests to source counts."""

from pathlib import Path

import pytest

from tests.ratios import ROOMS, ROOT, Room, told

pytestmark = pytest.mark.once


def test_stands_migrations_comments_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    for path, text in {
        "source/plan.py": "one\n\n# why\ntwo\n  # why\nthree\nfour\n",
        "source/migrations/first.py": "made\nby\na tool\n",
        "tests/test_plan.py": "one\n\n# why\ntwo\n",
        "tests/rows/test_rows.py": "three\n",
        "tests/fakes/hosts.py": "one\ntwo\n",
        "tests/standin.py": "one\ntwo\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert told([Room("plans", "source", "tests", 1.5)], tmp_path) == [
        "plans      0.75 (aim 1.5): 3 lines test 4"
    ]


def test_every_room_is_where_it_is_looked_for() -> None:
    assert all((ROOT / folder).is_dir() for room in ROOMS for folder in (room.source, room.tests))
