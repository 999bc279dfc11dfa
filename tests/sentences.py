"""Sentences for tests that need any."""

from slipway.core.sentence import Sentence


def said(text: str) -> Sentence:
    return Sentence.of("said", "{text}", text=text)
