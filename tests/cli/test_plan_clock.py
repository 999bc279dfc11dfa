"""A plan says when it would be done, at the clock of whoever sits here."""

import re
from datetime import datetime, timedelta

from tests.cli.commands.rollouts.test_operations import PLAN
from tests.cli.conftest import Run
from tests.cli.standin import Standin


def test_a_plan_says_when_it_would_be_done_at_the_clock_here(server: Standin, slipway: Run) -> None:
    words = ("plan", "upgrade", "billing", "1.1", "--env", "prod")
    server.on("POST /plans", PLAN | {"batch_seconds": [60, 60], "batch_begin_seconds": [0, 3600]})
    now = datetime.now().astimezone()
    text = slipway(*words).err
    found = re.search(r"would begin about ([\d:]+) and end about ([\d:]+) \(", text)
    assert found
    for told, after in zip(found.groups(), (60, 61), strict=True):
        possible = {now + timedelta(minutes=after), now + timedelta(minutes=after + 1)}
        assert told in {f"{each:%H:%M}" for each in possible}
    server.on("POST /plans", PLAN | {"batch_seconds": [], "batch_begin_seconds": []})
    assert "Started now" not in slipway(*words).err
