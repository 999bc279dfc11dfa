"""Everybody on a host reads the words of every command: no password of ours is among them."""

import os
import subprocess
from importlib import resources
from pathlib import Path

import pytest

ADDRESS = 'http://probe:hunter2"x@127.0.0.1:1/'
ASKED = """
nl='
'
seconds=5 http=$1 check_ms=5000 expect=''
as_seconds() { :; }
. "$0"
judge_answer() { :; }
expect_text() { :; }
check_http
"""


@pytest.mark.parametrize("program", ["curl", "python3", "wget"])
def test_the_address_of_a_check_with_a_password_is_not_among_them(
    tmp_path: Path, program: str
) -> None:
    for tool in ("timeout", "tail", "tr", "sed", "sh", "cat", "head"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    noted = tmp_path / program
    noted.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/words\ncat >{tmp_path}/said\necho 200\n')
    noted.chmod(0o755)
    with resources.as_file(resources.files("slipway.host").joinpath("answer.sh")) as text:
        subprocess.run(
            ["/bin/sh", "-c", ASKED, str(text), ADDRESS],
            env={**os.environ, "PATH": str(tmp_path)},
            check=False,
            timeout=20,
        )
    words, said = tmp_path / "words", tmp_path / "said"
    if program == "wget":  # which has no other way to be told of it
        assert not words.exists()
        return
    assert "hunter2" not in words.read_text()
    assert "hunter2" in said.read_text()
