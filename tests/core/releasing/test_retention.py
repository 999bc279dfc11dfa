"""What stays in the store: what is needed, the newest, and what they share a package with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.releasing.retention import NEEDED, KeptVersion, Need, retention

OF_BILLING, OF_SHOP = 1, 2


def versions(picture: str, service: int = OF_BILLING, first: int = 1) -> list[KeptVersion]:
    """Newest first; each letter is a package."""
    return [
        KeptVersion(number, service, ord(package))
        for number, package in enumerate(picture, start=first)
    ]


def going(reasons: dict[int, Need | None]) -> set[int]:
    return {version for version, reason in reasons.items() if reason is None}


@pytest.mark.parametrize(
    ("picture", "needed", "keep", "gone"),
    [
        ("abcde", [], 5, []),
        ("abcde", [], 2, [3, 4, 5]),
        ("abcde", [4], 2, [3, 5]),
        ("abcde", [1], 2, [3, 4, 5]),  # what is needed counts among the newest
        ("abcde", [], None, []),  # nobody said how many: all
        ("abcda", [], 2, [3, 4]),  # the oldest has the newest one's package
        ("abcdd", [4], 1, [2, 3]),  # and here an old one's that is needed
        ("abcdd", [], 1, [2, 3, 4, 5]),
        ("", [], 1, []),
    ],
)
def test_lets_go_from_the_picture(
    picture: str, needed: list[int], keep: int | None, gone: list[int]
) -> None:
    needs = dict.fromkeys(needed, Need.WANTED)
    assert going(retention(versions(picture), needs, {OF_BILLING: keep})) == set(gone)


def test_a_package_of_two_services_stays_until_both_let_it_go() -> None:
    both = [*versions("abc"), *versions("xcy", OF_SHOP, first=11)]
    assert going(retention(both, {}, {OF_BILLING: 1, OF_SHOP: 2})) == {2, 13}
    assert going(retention(both, {}, {OF_BILLING: 1, OF_SHOP: 1})) == {2, 3, 12, 13}
    assert retention(both, {}, {OF_BILLING: 1, OF_SHOP: 2})[3] is Need.SHARED


def test_says_what_a_version_is_needed_for_before_that_it_is_new() -> None:
    reasons = retention(versions("ab"), {1: Need.SEEN}, {OF_BILLING: 2})
    assert reasons == {1: Need.SEEN, 2: Need.NEWEST}


kept_versions = st.lists(
    st.tuples(st.sampled_from([OF_BILLING, OF_SHOP]), st.sampled_from("abcdefgh")), max_size=14
).map(lambda rows: [KeptVersion(n, s, ord(p)) for n, (s, p) in enumerate(rows, start=1)])
needs_of = st.dictionaries(st.integers(1, 14), st.sampled_from(NEEDED), max_size=6)
limits_of = st.fixed_dictionaries({s: st.none() | st.integers(1, 5) for s in (OF_BILLING, OF_SHOP)})


@given(kept_versions, needs_of, limits_of)
def test_a_package_goes_only_when_nothing_of_it_is_needed_and_none_of_it_is_new(
    kept: list[KeptVersion], needs: dict[int, Need], limits: dict[int, int | None]
) -> None:
    gone = {
        version.package for version in kept if version.id in going(retention(kept, needs, limits))
    }
    for service, limit in limits.items():
        own = [version for version in kept if version.service == service]
        newest = own if limit is None else own[:limit]
        assert not {version.package for version in newest} & gone
    assert not {version.package for version in kept if version.id in needs} & gone


@given(kept_versions, needs_of, limits_of)
def test_all_versions_of_a_package_go_together_and_nothing_that_could_go_stays(
    kept: list[KeptVersion], needs: dict[int, Need], limits: dict[int, int | None]
) -> None:
    reasons = retention(kept, needs, limits)
    assert reasons.keys() == {version.id for version in kept}
    for package in {version.package for version in kept}:
        said = {reasons[version.id] for version in kept if version.package == package}
        assert said == {None} or (None not in said and said != {Need.SHARED})


@given(kept_versions, needs_of, limits_of)
def test_a_second_look_finds_nothing_more_to_let_go(
    kept: list[KeptVersion], needs: dict[int, Need], limits: dict[int, int | None]
) -> None:
    gone = going(retention(kept, needs, limits))
    left = [version for version in kept if version.id not in gone]
    assert going(retention(left, needs, limits)) == set()
