"""Many hosts at once, as benchmarks emulate them: they understand what they are asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.acceptance

HOSTS = 20


def test_all_of_them_are_upgraded_and_taken_back(tmp_path: Path, is_postgresql: bool) -> None:
    if is_postgresql:
        pytest.skip("the hosts are the same on both databases")
    found = tmp_path / "found.json"
    environment = {name: text for name, text in os.environ.items() if name != "SLIPWAY_DATA"}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.moving", "--hosts", str(HOSTS)),
            *("--spread", "0.3", "--json", str(found)),
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    costs = [json.loads(line) for line in found.read_text().splitlines()]
    assert [cost["action"] for cost in costs] == ["upgrade", "rollback"]
    assert all(cost["seconds"] < 60 for cost in costs), costs
