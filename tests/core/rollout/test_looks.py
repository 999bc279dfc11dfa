"""What one look at a place says."""

from tests.core.rollout.pictures import BUSY, NEW, look


def test_at_rest_is_the_same_after_its_chain_has_ended() -> None:
    assert BUSY.at_rest() == look(NEW)
