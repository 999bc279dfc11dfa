"""What lists know: each word that may be said of a field means a word of the rows."""

import pytest

from slipway.core.finding.listings import HOSTS, ROLLOUTS, SERVICES, VERSIONS, Listing
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutStatus


def test_a_word_that_gathers_others_means_each_of_them() -> None:
    assert ROLLOUTS.meant("state", ("failed", "paused")) == ["halted", "partial", "paused"]
    assert set(ROLLOUTS.meant("state", ("active",))) == {
        status.value for status in RolloutStatus if not status.is_over
    }
    assert set(SERVICES.meant("state", ("failed",))) == {
        status.word for status in InstanceStatus if status.is_failed
    }


def test_what_pages_call_otherwise_is_understood_as_well() -> None:
    assert HOSTS.meant("state", ("reachable",)) == ["ok"]
    assert VERSIONS.meant("state", ("ready",)) == ["success"]
    assert ROLLOUTS.meant("kind", ("rollback",)) == ["revert"]


def test_a_field_without_words_of_its_own_takes_any() -> None:
    assert ROLLOUTS.meant("by", ("alice", "bob")) == ["alice", "bob"]


@pytest.mark.parametrize("listing", [SERVICES, HOSTS, ROLLOUTS, VERSIONS])
def test_every_list_knows_states_and_times(listing: Listing) -> None:
    assert listing.fields["state"]
    assert listing.times
