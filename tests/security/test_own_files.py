"""A file of ours that is another's, or something else, stops the start in a sentence."""

import errno
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from slipway.project.environment import CannotStart
from slipway.project.installation import own_files

pytestmark = pytest.mark.once


def start(data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slipway.project", "migrate", "--data", str(data)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("secret-key", b"", "is empty"),
        ("secret-key", b"\xff\xfe\x00", "is garbled"),
        ("secret-key", None, "is a folder"),
        ("keys", None, "is a folder"),
        ("slipway.sqlite3", b"%PDF-1.7 and more than sixteen bytes", "is no database of SQLite"),
        ("slipway.sqlite3", None, "is a folder"),
    ],
)
def test_what_is_no_file_of_ours_is_named(
    tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if content is None:
        (data / name).mkdir()
    else:
        (data / name).write_bytes(content)
    ended = start(data)
    assert ended.returncode != 0
    assert f"{data / name} {told}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("keys", own_files.keys_in),
        ("secret-key", lambda path: own_files.secret_from(path, own_files.new_secret)),
        ("slipway.sqlite3", own_files.check_database),
    ],
)
def test_what_is_of_another_user_is_said_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    path.write_text("a secret")
    owner = pwd.getpwuid(os.geteuid()).pw_name

    def refused(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    # Root is let in everywhere, and root may be who runs this.
    monkeypatch.setattr(Path, "read_bytes", refused)
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(CannotStart) as told:
        read(path)
    assert f"{path} of the user {owner} cannot be opened (Permission denied)" in str(told.value)
    assert f"sudo chown {owner}: {path} && sudo chmod 600 {path}" in str(told.value)
