"""Places: filled once, with data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.spec.places import check_places, fill, names_in
from slipway.core.words.refusal import Invalid

VALUES = {"PORT": "8080", "VERSION": "1.1"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("./bin/billing --port ${PORT}", "./bin/billing --port 8080"),
        ("${PORT}${VERSION}", "80801.1"),
        ("$PORT $", "$PORT $"),  # no shell: only places with braces are ours
        ("$${PORT}", "${PORT}"),
        ("nothing", "nothing"),
    ],
)
def test_fills_places(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize(
    "text", ["${HOME}", "${port}", "${}", "${PORT:-1}", "${ PORT }", "${$(id)}"]
)
def test_refuses_a_place_nobody_fills(text: str) -> None:
    with pytest.raises(Invalid, match="is not a place that can be filled"):
        fill(text, VALUES)


def test_says_when_only_the_port_is_missing() -> None:
    with pytest.raises(Invalid) as refused:
        fill("--port ${PORT}", {"VERSION": "1.1"})
    assert refused.value.message == "${PORT} is used, but the instance has no port."
    assert "${PORT}" in refused.value.hint


def test_checks_without_filling() -> None:
    assert check_places("${PORT} $${X}") == "${PORT} $${X}"
    assert names_in("${PORT} $${X} ${A}") == ("PORT", "A")
    with pytest.raises(Invalid) as refused:
        check_places("${NOPE}")
    assert refused.value.message == "${NOPE} is not a place that can be filled."
    assert refused.value.hint.endswith("For a literal one write $${NOPE}.")


@given(st.text())
def test_what_is_put_in_is_data_and_not_filled_again(value: str) -> None:
    assert fill("a ${PORT} b", {"PORT": value}) == f"a {value} b"
