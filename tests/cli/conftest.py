"""A command line whose server is the stand-in and whose home is empty."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slipway_cli.api.patience import Pauses
from slipway_cli.language import VARIABLES, settle
from slipway_cli.main import main
from tests.cli.reading import reading_chinese
from tests.cli.standin import TOKEN, Standin


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Ended]
QUICK = Pauses(repeats=(0.01, 0.01, 0.01), between=0.01, followed=0.01, first=0.01, longest=0.02)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of the person who runs the tests is seen or changed."""
    ours = ("SLIPWAY_URL", "SLIPWAY_TOKEN", "SLIPWAY_CA", "NO_COLOR", "http_proxy")
    for name in (*ours, *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settle()
    return tmp_path


@pytest.fixture
def chinese(own_home: Path) -> Iterator[None]:
    """Whoever sits here reads Chinese."""
    with reading_chinese():
        yield


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    with Standin().running() as standin:
        monkeypatch.setenv("SLIPWAY_URL", standin.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
        yield standin


@pytest.fixture
def slipway(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, pauses: Pauses = QUICK) -> Ended:
        capsys.readouterr()
        code = main(words, pauses)
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run
