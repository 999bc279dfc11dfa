"""Everybody on a host reads the words of every command: no password of ours is among them."""

import os
import subprocess
from importlib import resources
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ADDRESSES = ('http://probe:hunter2"x@127.0.0.1:1/', "http://127.0.0.1:1/healthz?token=hunter2")
ASKED = """
nl='
'
seconds=5 http=$1 check_ms=5000 expect=''
as_seconds() { :; }
_slipway_seen=$0
for _part in health_check asking; do . "$_slipway_seen/seeing/$_part.sh"; done
ask_by_hand() { return 1; }
judge_answer() { :; }
expect_text() { :; }
check_http
"""


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("program", ["bash", "curl", "python3", "wget"])
def test_the_address_of_a_check_with_a_secret_is_not_among_them(
    tmp_path: Path, program: str, address: str
) -> None:
    for tool in ("timeout", "tail", "tr", "sed", "sh", "cat", "head", "env"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    noted = tmp_path / program
    noted.write_text(
        f'#!/bin/sh\necho "$@" >{tmp_path}/words\n{{ env; cat; }} >{tmp_path}/said\necho 200\n'
    )
    noted.chmod(0o755)
    with resources.as_file(resources.files("slipway.host")) as parts:
        subprocess.run(
            ["/bin/sh", "-c", ASKED, str(parts), address],
            env={**os.environ, "PATH": str(tmp_path)},
            check=False,
            timeout=20,
        )
    words, said = tmp_path / "words", tmp_path / "said"
    # wget has no other way to be told of it; by bash none that asks with a password is asked.
    if program == "wget" or (program == "bash" and "@" in address):
        assert not words.exists()
        return
    assert "hunter2" not in words.read_text()
    assert "hunter2" in said.read_text()
