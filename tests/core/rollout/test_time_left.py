"""How long a rollout still takes: batches one after the other, so many hosts of each at once."""

import pytest

from slipway.core.rollout.told.time_left import seconds_of_each


@pytest.mark.parametrize(
    ("batches", "together", "seconds"),
    [
        ([], 3, 0),
        ([[20]], 1, 20),
        ([[20, 20, 20]], 3, 20),
        ([[20, 20, 20]], 2, 40),
        ([[20], [10, 10]], 2, 30),
        ([[30, 10, 10, 10]], 2, 30),  # three follow one another beside the long one
        ([[5, 5]], 0, 10),  # at least one is at work
    ],
)
def test_hosts_follow_one_another_and_batches_do(
    batches: list[list[float]], together: int, seconds: float
) -> None:
    assert sum(seconds_of_each(batches, together)) == seconds
