"""The first password is shown to who sits here, and kept out of what a machine writes down."""

import io
from pathlib import Path

import pytest

from slipway.project.installation.preparation import FirstAdmin
from slipway.project.processes.up import tell


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def first(tmp_path: Path) -> FirstAdmin:
    (tmp_path / "admin-password").write_text("much-too-secret\n")
    return FirstAdmin("admin", tmp_path / "admin-password", tmp_path / "admin-token")


def test_a_journal_is_told_where_it_is(first: FirstAdmin) -> None:
    journal = io.StringIO()
    tell(first, journal)
    assert "much-too-secret" not in journal.getvalue()
    assert str(first.password_file) in journal.getvalue()
    assert first.password_file.exists()


def test_a_terminal_shows_it_once_and_no_file_keeps_it(first: FirstAdmin) -> None:
    terminal = Terminal()
    tell(first, terminal)
    assert "admin / much-too-secret" in terminal.getvalue()
    assert not first.password_file.exists()
