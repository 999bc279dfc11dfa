"""What README offers to try comes true, on this machine."""

import os
import subprocess
import sys

import pytest

from tests.lab.documents import ROOT, blocks_of

pytestmark = [pytest.mark.acceptance, pytest.mark.once]


def test_the_story_of_the_demo_comes_true() -> None:
    offered = [block.text for block in blocks_of("README.md") if block.heading == "Try it"]
    assert offered == ["bin/demo\n", "bin/test\n"]
    does = (ROOT / "bin" / "demo").read_text().splitlines()[-1]
    assert does == 'exec "$root/.venv/bin/slipway" demo "$@"'
    # As there, by the environment that this test runs in.
    ended = subprocess.run(
        [sys.executable, "-m", "slipway.project", "demo", "--once"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Every line came true" in ended.stdout
