"""What every command prints for people, against a server that answers as its document says.

    python -m tests.cli.printing

writes tests/cli/printed.txt anew: what changes there is what people will see otherwise.
"""

import io
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slipway_cli.commands.rollouts import plans
from slipway_cli.language import VARIABLES, settle
from slipway_cli.main import main
from tests.cli.every_line import LINES
from tests.cli.standin import TOKEN, Asked, Reply, Standin

PRINTED = Path(__file__).with_name("printed.txt")


class Answering(Standin):
    """A stand-in that has an answer to everything that the document knows."""

    def answer(self, asked: Asked) -> Reply:
        from tests.cli import described  # noqa: PLC0415  # it needs Django to be set up

        self.asked.append(asked)
        return described.answer(asked)


def make_files(folder: Path) -> Path:
    """Make what the lines name."""
    (folder / "spec.yaml").write_text("run: ./app\n")
    (folder / "secret").write_text("a secret")
    (folder / "hosts.csv").write_text("name,address\n")
    return folder


@contextmanager
def in_utc() -> Iterator[None]:
    """Whoever types sits in no zone of their own."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        os.environ |= {"TZ": before} if before is not None else {}
        time.tzset()


def typed(line: str, folder: Path, url: str) -> list[str]:
    return line.replace("FOLDER", str(folder)).replace("SERVER", url).split()


def printed(folder: Path, patch: pytest.MonkeyPatch) -> str:
    """Return each line with what came of it: `! ` is before what is said on standard error."""
    make_files(folder)
    patch.setattr(plans, "present", lambda: datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
    with in_utc(), Answering().running() as server:
        for name, value in _surroundings(server.url, folder).items():
            patch.setenv(name, value)
        return "\n".join(_told(line, folder, server.url, patch) for line in LINES)


def _surroundings(url: str, folder: Path) -> dict[str, str]:
    own = {"SLIPWAY_URL": url, "SLIPWAY_TOKEN": TOKEN, "XDG_CONFIG_HOME": str(folder / "config")}
    return {**own, "COLUMNS": "100"}


def _told(line: str, folder: Path, url: str, patch: pytest.MonkeyPatch) -> str:
    patch.setattr("sys.stdin", io.StringIO("a password\n"))
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(typed(line, folder, url))
    errors = (f"! {each}" for each in err.getvalue().splitlines())
    told = [f"$ slipway {line}", *out.getvalue().splitlines(), *errors, *[f"= {code}"] * bool(code)]
    return "\n".join([*_same_everywhere(told, folder, url), ""])


def _same_everywhere(told: Iterable[str], folder: Path, url: str) -> Iterator[str]:
    for each in told:
        yield each.replace(str(folder), "FOLDER").replace(url, "SERVER").rstrip()


def write() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")
    import django  # noqa: PLC0415

    django.setup()
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as there:
        for variable in VARIABLES:
            patched.delenv(variable, raising=False)
        settle()
        PRINTED.write_text(printed(Path(there), patched), encoding="utf-8")


if __name__ == "__main__":
    write()
