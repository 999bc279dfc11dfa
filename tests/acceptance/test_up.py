"""`slipway up`, killed: nothing of it is left to keep the port, and builds by command run on."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.stands.repository import make_repository

pytestmark = [pytest.mark.acceptance, pytest.mark.once]

SOON = 20.0  # seconds: a worker that is asked to end hands over first


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the user of builds can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="slipway-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def installation(
    open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    monkeypatch.setenv("SLIPWAY_BUILDS", str(open_folder / "builds"))
    installation = Installation(tmp_path / "slipway", first_start=True)
    installation.start()
    yield installation
    installation.stop()


def test_killed_it_takes_web_and_worker_along_but_no_build(
    installation: Installation, open_folder: Path
) -> None:
    _make_service(installation, open_folder / "repositories")
    build = installation.ask("build", "start", "billing", "--ref", "main")["id"]
    _await(lambda: _notes(open_folder, "began"), "the command begins", 60)
    (began,) = _notes(open_folder, "began")

    children = installation.kill()
    assert len(children) == 2
    _await(lambda: not any(map(_is_alive, children)), "web and worker end", SOON)

    began.with_name("go").touch()
    _await(began.with_name("ended").exists, "the command runs on to its end", SOON)
    installation.start()  # on the same port
    _await(lambda: _status(installation, build) == "success", "the build is found again", 120)
    assert began.read_text() == "began\n"


def _notes(folder: Path, name: str) -> list[Path]:
    """What the commands of builds have written into their homes."""
    return list((folder / "builds").glob(f"*/home/{name}"))


def _make_service(installation: Installation, folder: Path) -> None:
    program = (
        '#!/bin/sh\nset -e\ncd "$HOME"\n'
        "echo began >>began\n"
        "until [ -e go ]; do sleep 0.1; done\n"
        'cd "$OLDPWD"\n'
        "echo '#!/bin/sh' >serve && chmod 755 serve\n"
        "tar -cf - slipway.yaml serve | gzip -n >package.tar.gz\n"
        'touch "$HOME/ended"\n'
    )
    repository = make_repository(folder / "billing.git")
    repository.commit({"slipway.yaml": "run: ./serve\n", "build.sh": program})
    settings = installation.folder / "build.yaml"
    settings.write_text("{package: {path: package.tar.gz}, command: ./build.sh}\n")
    installation.ask(
        *("build-server", "add", "here", "--kind", "command", "--url", folder.as_uri())
    )
    installation.ask(
        *("service", "create", "billing", "--build-server", "here"),
        *("--build-project", repository.url, "--build", str(settings)),
    )


def _status(installation: Installation, build: int) -> str:
    return str(installation.get(f"/builds/{build}")["status"])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and that nobody has asked about keeps its number.
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _await(condition: Callable[[], object], what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(0.1)
