"""Sentences for tests that need any."""

from slipway.core.words.sentence import Sentence


def said(text: str) -> Sentence:
    return Sentence.of("said", "{text}", text=text)
