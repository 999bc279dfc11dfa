"""The well states of a place, and where its way back leads."""

from slipway.core.rollout.value.history import (
    Release,
    WellState,
    append_well,
    settings_back,
    way_back,
)

V0, V1, V2 = (Release(f"v{number}", f"v{number}.0") for number in range(3))
V1_CHANGED = Release("v1", "v1.1")


def history(*releases: Release) -> tuple[WellState, ...]:
    entries: tuple[WellState, ...] = ()
    for number, release in enumerate(releases, start=1):
        entries = append_well(entries, release, number, going_back=False)
    return entries


def test_twice_back_is_two_back() -> None:
    entries = history(V0, V1, V2)
    assert way_back(entries, V2) == V1
    entries = append_well(entries, V1, 4, going_back=True)
    assert way_back(entries, V1) == V0


def test_changed_settings_are_no_way_back() -> None:
    entries = history(V0, V1, V1_CHANGED)
    assert way_back(entries, V1_CHANGED) == V0
    assert settings_back(entries, V1_CHANGED) == V1


def test_what_is_withdrawn_is_no_way_back() -> None:
    entries = history(V0, V1)
    assert way_back(entries, V2, {"v1"}, was_well=False) == V0
    assert way_back(entries, V0) is None


def test_what_a_rollback_has_left_is_no_way_back() -> None:
    entries = append_well(history(V0, V1), V0, 3, going_back=True)
    entries = append_well(entries, V2, 4, going_back=False)
    assert way_back(entries, V2, {"v0"}) is None
    entries = append_well(entries, V0, 5, going_back=False)
    assert way_back(entries, V0, {"v2"}) is None
    assert way_back(entries, V0) == V2


def test_the_same_again_is_no_new_entry() -> None:
    assert len(history(V0, V0)) == 1
