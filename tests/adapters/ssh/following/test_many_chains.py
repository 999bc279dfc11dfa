"""What is looked at beside the chains of many hosts is shared out among them."""

from typing import Any

import pytest

from slipway.adapters.ssh.following.followers import Follower
from slipway.core.release.steps import Chain


@pytest.mark.parametrize(("followed", "every"), [(1, 10.0), (80, 10.0), (200, 25.0)])
def test_silent_chains_are_looked_at_eight_times_a_second_all_together(
    followed: int, every: float
) -> None:
    nobody: Any = None
    chain: Chain = nobody
    follower = Follower(
        *(nobody, nobody, chain, nobody, nobody, nobody), beat=10.0, crowd=lambda: followed
    )
    assert follower._look_beside_every() == every
