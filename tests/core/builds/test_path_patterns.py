"""Patterns for the package of a build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.builds.path_patterns import fits


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a.tgz", "a.tgz"),
        ("a.tgz", "*"),
        ("dist/a-1.7.tgz", "dist/a-*.tgz"),
        ("dist/a-.tgz", "dist/a-*.tgz"),
        ("dist/a-1.tgz", "*/a-?.tgz"),
        ("dist/.hidden", "dist/*"),
        ("a[1].tgz", "a[1].tgz"),
        ("a[1].tgz", "a[*].tgz"),
        ("a\nb", "a?b"),
        ("布.tgz", "?.tgz"),
    ],
)
def test_a_pattern_fits(path: str, pattern: str) -> None:
    assert fits(path, pattern)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("dist/a.tgz", "*"),
        ("dist/a.tgz", "*.tgz"),
        ("dist/a.tgz", "dist?a.tgz"),
        ("dist/a.tgz", "**"),
        ("a/b/c", "a/*"),
        ("a/c", "a/*/c"),
        ("a.tgz", "?.tg"),
        ("a.tgz", "??.tgz"),
        ("A.tgz", "a.*"),
        ("a1.tgz", "a[1].tgz"),
        ("axtgz", "a.tgz"),
        ("", "?"),
    ],
)
def test_a_pattern_does_not_fit(path: str, pattern: str) -> None:
    assert not fits(path, pattern)


@given(st.text(max_size=40))
def test_without_marks_only_the_path_itself_fits(path: str) -> None:
    pattern = path.replace("*", "").replace("?", "")
    assert fits(pattern, pattern)
    assert not fits(pattern + "x", pattern)


def test_many_stars_take_no_time() -> None:
    assert not fits("a" * 2000, "*a" * 60 + "b")
