"""What is refused at the door, because one of our databases could not keep it."""

import json

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from slipway.interfaces.api.frame.parsing import StrictParser, WrongType, check
from slipway.interfaces.json_bodies import UnreadableBody

TOO_DEEP = 33
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner),
    max_leaves=8,
)


def parse(body: str, content_type: str = "application/json") -> object:
    request = RequestFactory().generic("POST", "/", body, content_type=content_type)
    return StrictParser().parse_body(request)


@pytest.mark.parametrize(
    "body",
    [
        '"\\u0000"',
        '{"\\u0000": 1}',
        '"\\ud800"',
        "NaN",
        "[Infinity]",
        "-Infinity",
        str(2**63),
        '{"a": -9223372036854775809}',
        "1e999",
        "[" * TOO_DEEP + "]" * TOO_DEEP,
    ],
)
def test_refuses_what_cannot_be_kept(body: str) -> None:
    with pytest.raises(UnreadableBody):
        parse(body)


@pytest.mark.parametrize("body", ["[" * 100_000, "9" * 5_000, "{", ""])
def test_nonsense_raises_and_does_no_harm(body: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse(body)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_takes_json_only_when_it_says_so(content_type: str) -> None:
    # A form of another site can send these without asking the browser's leave first.
    with pytest.raises(WrongType):
        parse("{}", content_type)


@given(plain)
def test_plain_values_come_through_unchanged(content: object) -> None:
    assert parse(json.dumps(content)) == content


@given(plain, st.sampled_from(["a\0", "\ud800", float("nan"), 2**63]))
def test_what_cannot_be_kept_is_found_wherever_it_is(content: object, bad: object) -> None:
    with pytest.raises(UnreadableBody):
        check([content, {"a": [content, bad]}])
