"""What people read of each command, and what programs do, as the server answers everything."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.every_line import LINES
from tests.cli.printing import PRINTED, Answering, make_files, printed, typed
from tests.cli.standin import TOKEN

# These answer with text for a shell or a file, or have asked for JSON by themselves.
NO_DOCUMENT = ("-o json", "version download", "audit export")


def test_what_people_read_is_what_was_read_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differs is seen as a difference of the file: `python -m tests.cli.printing`."""
    assert printed(tmp_path, monkeypatch) == PRINTED.read_text(encoding="utf-8")


def test_each_command_answers_programs_with_one_document(
    tmp_path: Path, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, wrong = make_files(tmp_path), []
    with Answering().running() as server:
        monkeypatch.setenv("SLIPWAY_URL", server.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
        for line in LINES:
            if line.startswith(NO_DOCUMENT):
                continue
            monkeypatch.setattr("sys.stdin", io.StringIO("a password\n"))
            ended = slipway(*typed(line, folder, server.url), "-o", "json")
            try:
                json.loads(ended.out)
            except ValueError:
                wrong.append((line, ended.out[:60]))
    assert wrong == []
