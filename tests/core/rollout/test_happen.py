"""What people say, and what a gap makes of what was seen."""

from slipway.core.rollout.commands import decides_ways_back
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import Cleared, Drove, TookUp, Wished
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.words import Cause, End, Heading, Stage, Word
from tests.core.rollout.pictures import BEAT, NOW, drawn, rollout, with_plan


def test_a_gap_forgets_what_was_seen() -> None:
    after = happened(rollout("a"), [TookUp()])
    assert after.target("p1").look is None
    assert drawn(after) == "a"


def test_time_is_what_was_driven() -> None:
    assert happened(rollout("."), [Drove(5.0)]).driven == NOW + 5
    assert happened(rollout("."), [TookUp()]).driven == NOW


def test_a_promotion_is_of_batches() -> None:
    value = rollout("+|.", needs_promotion=True)
    assert drawn(happened(value, [])) == "+."
    promote = Wished(Word.PROMOTE, upto=1)
    assert drawn(happened(value, [promote])) == "+a"
    assert happened(happened(value, [promote]), [promote]).promoted == 1


def test_a_cancel_ends_a_pause() -> None:
    after = happened(rollout(".", paused=True), [Wished(Word.CANCEL)])
    assert after.end is End.CANCELLED
    assert after.target("p1").cause is Cause.PERSON


def test_a_way_back_that_was_withdrawn_meanwhile_is_none() -> None:
    withdrawn = frozenset({"v1"})
    stays = happened(rollout("s", withdrawn_elsewhere=withdrawn), [])
    assert stays.target("p1").heading is Heading.FORTH
    older = with_plan(rollout("s", withdrawn_elsewhere=withdrawn), "p1", next_back=_RELEASE)
    assert happened(older, []).target("p1").goal == _RELEASE


def test_a_way_back_that_was_withdrawn_while_it_waited_is_none() -> None:
    waits = rollout("q", withdrawn_elsewhere=frozenset({"v1"}), beat=BEAT + 1)
    owed = happened(waits, [Cleared("p1")]).target("p1")
    assert (owed.stage, owed.owed) == (Stage.OUT, True)
    assert "v1 was withdrawn while p1 waited" in str(owed.problem)
    further = happened(with_plan(waits, "p1", next_back=_RELEASE), [Cleared("p1")]).target("p1")
    assert (further.stage, further.goal) == (Stage.IN_HAND, _RELEASE)


def test_back_to_other_settings_of_a_withdrawn_version_is_gone() -> None:
    """It is there, and was before."""
    settings = with_plan(
        rollout("s", withdrawn_elsewhere=frozenset({"v1"})), "p1", goal=_V1_CHANGED
    )
    assert happened(settings, []).target("p1").heading is Heading.BACK


def test_the_rows_are_asked_before_a_way_back_is_decided() -> None:
    for before, is_decided in (("s", True), ("x", False), ("+", False), (".", False)):
        value = rollout(before)
        assert decides_ways_back(value, happened(value, [])) is is_decided


def test_what_is_new_is_removed_on_the_way_back() -> None:
    value = with_plan(rollout("s"), "p1", back=None, is_new=True)
    target = happened(value, []).target("p1")
    assert target.heading is Heading.BACK
    assert not target.goal


_RELEASE = Release("v0", "0")
_V1_CHANGED = Release("v1", "1.1")
