"""Whatever is sent to it, a server answers, and not by a 500.

Ten thousand, with figures: `benchmarks/hostile`; in this process and against the API's document:
tests/interfaces/api/test_schemathesis.py.
"""

import random
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.security.hostile.fire import fire

pytestmark = pytest.mark.acceptance

REQUESTS = 400  # in CI


def test_no_hostile_request_breaks_a_real_server(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "slipway")
    try:
        installation.start()
        fired = fire(installation, REQUESTS, random.Random(REQUESTS))
    finally:
        installation.stop()
    assert fired.broken == []
    assert fired.answers.total() == REQUESTS
    assert len([status for status in fired.answers if 200 <= status < 500]) > 6, fired.answers
    assert "Traceback" not in installation.log()
