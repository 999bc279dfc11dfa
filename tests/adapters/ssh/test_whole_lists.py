"""What a release holds is kept whole or not at all: half a list would hide what is edited."""

from pathlib import Path

import pytest

from tests.corpus.library import run

FULL = "trap '' XFSZ; ulimit -f 8"  # no file is longer than 4 KiB, as on a disk that fills up


@pytest.fixture
def release(tmp_path: Path) -> Path:
    for number in range(200):
        (tmp_path / f"a-file-of-a-release-{number}").touch()
    return tmp_path


@pytest.mark.parametrize("limit", ["", "start_clock 0; read_uptime; deadline=$((uptime + 60000))"])
def test_a_list_that_a_full_disk_cuts_is_not_kept(release: Path, limit: str) -> None:
    said = run(limit or ":", FULL, f"keep_list {release} 2>/dev/null", "echo $?")
    assert said == "73"
    assert not (release / ".slipway-files").exists()
    assert run(limit or ":", f"keep_list {release}", "echo $?") == "0"
    assert len((release / ".slipway-files").read_text().splitlines()) == 200
