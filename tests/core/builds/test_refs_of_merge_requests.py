"""A pattern means branches and tags; what somebody asks to be merged only where it says so."""

import pytest

from slipway.core.builds.settings import matches


@pytest.mark.parametrize(
    ("ref", "patterns", "fits"),
    [
        ("main", ("*",), True),
        ("refs/heads/main", ("*",), True),
        ("refs/tags/v1", ("refs/*", "*"), True),
        ("refs/merge-requests/7/head", ("*",), False),
        ("refs/merge-requests/7/head", ("*/head", "?efs/*"), False),
        ("refs/merge-requests/7/merge", ("main", "refs/merge-requests/*"), True),
        ("refs/pull/7/head", ("**",), False),
        ("refactoring", ("ref*",), True),
    ],
)
def test_a_merge_request_fits_only_what_begins_as_it_does(
    ref: str, patterns: tuple[str, ...], fits: bool
) -> None:
    assert matches(ref, patterns) is fits
