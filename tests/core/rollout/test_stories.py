"""What the brain decides in whole histories, word for word."""

import pytest

from tests.core.rollout.telling import SEEDS, STORIES, story


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_is_told_as_before(seed: int) -> None:
    """`python -m tests.core.rollout.telling` writes it anew; the change is what is to be read."""
    assert story(seed) == (STORIES / f"{seed}.txt").read_text()


def test_every_story_is_told() -> None:
    assert {path.stem for path in STORIES.iterdir()} == {str(seed) for seed in SEEDS}
