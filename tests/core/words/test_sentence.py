"""A sentence of ours is a code, a template and values; English is one way to say it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence, fill

values = st.dictionaries(
    st.sampled_from(["a", "b", "name"]),
    st.text() | st.integers() | st.booleans() | st.none(),
)


@given(values)
def test_what_is_kept_is_read_again(said: dict[str, object]) -> None:
    sentence = Sentence.of("tried", "{a} of {b}", hint="Ask {name}.", **said)
    nested = Sentence.of("because", "{what}: {why}", what="it failed", why=sentence)
    assert Sentence.from_json(json.loads(json.dumps(nested.as_json()))) == nested


def test_it_says_what_its_values_are_and_what_to_do() -> None:
    inner = Sentence.of("full", "the disk of {host} is full", host="web-1")
    said = Sentence.of("failed", "{what}, {count} more.", hint="Mend it.", what=inner, count=2)
    assert (said.english, said.english_hint) == ("the disk of web-1 is full, 2 more.", "Mend it.")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a}", "{b}"),  # what a host printed is no template
        ("{{a}} {a}", "{a} {b}"),
        ("{a.__class__} {0} {missing} {", "{a.__class__} {0} {missing} {"),
    ],
)
def test_a_place_is_a_name_and_nothing_else(template: str, said: str) -> None:
    assert fill(template, {"a": "{b}"}) == said


def test_a_refusal_is_a_sentence_whatever_its_values_are_called() -> None:
    refused = Refused("{host} ended with {code}.", hint="Look at {host}.", host="web-1", code=7)
    sentence = refused.sentence
    assert (sentence.code, sentence.english) == ("refused", "web-1 ended with 7.")
    assert (sentence.english_hint, refused.hint) == ("Look at web-1.",) * 2


@pytest.mark.parametrize(
    ("said", "closed"),
    [
        ("GET /health → 503: no space", "GET /health → 503: no space."),
        ("It is well.", "It is well."),
        ("It said “no.”", "It said “no.”"),
        ("(it said so.)", "(it said so.)"),
        ("Wait…", "Wait…"),
        ("它不健康。", "它不健康。"),
        ('{"status":"DOWN"}', '{"status":"DOWN"}.'),
        ("", ""),
    ],
)
def test_what_others_said_is_closed_before_another_sentence(said: str, closed: str) -> None:
    assert Sentence.of("said", "{text}", text=said).closed.english == closed
