"""Whatever can be asked for by the API can be asked for by a command: the document says what."""

import io
from pathlib import Path

import pytest

from tests.cli import described
from tests.cli.conftest import Run
from tests.cli.every_line import APART, LINES
from tests.cli.printing import Answering, make_files, typed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_files(tmp_path)


def test_everything_that_the_api_can_the_command_line_can(
    folder: Path, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Answering().running() as server:
        monkeypatch.setenv("SLIPWAY_URL", server.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", "slw_abcd1234_secret")
        for line in LINES:
            monkeypatch.setattr("sys.stdin", io.StringIO("a password\n"))
            ended = slipway(*typed(line, folder, server.url))
            assert ended.code == 0, (line, ended.err)
        asked = {name for each in server.asked for name in described.names(each)}
    every = described.every_name()
    assert sorted(every - asked - APART.keys()) == []
    assert sorted(APART.keys() & asked) == [], "these are no exceptions any more"
    assert sorted(APART.keys() - every) == [], "these are not there any more"
    assert sorted(asked - every) == [], "nobody understands these"
