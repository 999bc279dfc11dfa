"""Ways back hold over any history: of upgrades, settings, ways back, and what was withdrawn."""

from hypothesis import given
from hypothesis import strategies as st

from slipway.core.rollout.value.history import (
    NOTHING,
    History,
    Release,
    append_well,
    settings_back,
    way_back,
)

VERSIONS = ("1", "2", "3", "4")
FORTH = st.tuples(st.just("forth"), st.sampled_from(VERSIONS), st.sampled_from("ab"))
BACK = st.tuples(st.just("back"), st.just(""), st.just(""))
STORIES = st.lists(FORTH | BACK, max_size=12)
UNFIT = st.sets(st.sampled_from(VERSIONS), max_size=2)


def told(story: list[tuple[str, str, str]]) -> History:
    """The history of a place where each of these ended well."""
    history: History = ()
    for number, (kind, version, how) in enumerate(story, 1):
        release = Release(version, f"{version}{how}")
        if kind == "back":
            back = way_back(history, present(history))
            if back is None:
                continue
            release = back
        history = append_well(history, release, number, going_back=kind == "back")
    return history


def present(history: History) -> Release:
    return history[-1].release if history else NOTHING


@given(STORIES, UNFIT)
def test_a_way_back_was_well_there_and_is_another_version_and_fit(
    story: list[tuple[str, str, str]], unfit: set[str]
) -> None:
    history = told(story)
    here = present(history)
    for back in (
        way_back(history, here, unfit),
        way_back(history, Release("5", "5a"), unfit, was_well=False),
    ):
        if back is not None:
            assert back in {entry.release for entry in history}
            assert back.version not in unfit
    back = way_back(history, here, unfit)
    assert back is None or back.version != here.version


@given(STORIES)
def test_going_back_always_leads_further_down_and_ends(story: list[tuple[str, str, str]]) -> None:
    history = told(story)
    gone: list[int] = []
    while (back := way_back(history, present(history))) is not None and len(gone) < 30:
        history = append_well(history, back, 1000 + len(gone), going_back=True)
        gone.append(history[-1].depth)
    assert gone == sorted(set(gone), reverse=True)


@given(STORIES)
def test_rollback_twice_goes_two_versions_back_and_not_forth(
    story: list[tuple[str, str, str]],
) -> None:
    history = told(story)
    for version, how in (("7", "a"), ("8", "a"), ("9", "a")):
        history = append_well(history, Release(version, version + how), 90, going_back=False)
    first = way_back(history, present(history))
    assert first is not None
    assert first.version == "8"
    history = append_well(history, first, 91, going_back=True)
    second = way_back(history, first)
    assert second is not None
    assert second.version == "7"


@given(STORIES, st.sampled_from("cd"))
def test_settings_alone_are_no_step(story: list[tuple[str, str, str]], how: str) -> None:
    history = told(story)
    if not history:
        return
    here = present(history)
    changed = Release(here.version, here.version + how)
    after = append_well(history, changed, 99, going_back=False)
    assert after[-1].depth == history[-1].depth
    assert way_back(after, changed) == way_back(history, here)
    assert settings_back(after, changed) == here


@given(STORIES)
def test_nothing_that_was_written_is_ever_overwritten(story: list[tuple[str, str, str]]) -> None:
    history = told(story)
    longer = append_well(history, Release("6", "6a"), 99, going_back=False)
    assert tuple(longer[: len(history)]) == tuple(history)
