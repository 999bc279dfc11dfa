"""Whatever people read, they can read in Chinese: the catalogue is whole, and no place is lost."""

import gettext
import subprocess
from pathlib import Path

import pytest
from django.utils import translation

from slipway.interfaces.web.notes import note_of
from slipway.interfaces.web.retelling import retold
from slipway.ports import HostUnreachable
from tests.interfaces.web import catalogue
from tests.interfaces.web.catalogue import LOCALE


@pytest.fixture(scope="module")
def chinese() -> gettext.GNUTranslations:
    return catalogue.chinese()


def test_there_is_something_to_translate() -> None:
    """The collector finds what it is made for: tags, calls, refusals and their hints."""
    msgids = catalogue.all_msgids()
    for context, text in (
        ("", "Rolling out now"),  # a tag
        ("", "%(count)s host did not make it"),  # a plural in a template
        ("", "Canary"),  # a call
        ("step", "restart"),  # with a context
        ("", "There is no rollout {number}."),  # a refusal
        ("", "Retry it, or roll it back."),  # its hint
        ("", "{host}: {step} was cancelled.{said}"),  # one that is kept in a table
    ):
        assert (context, text) in msgids


def test_every_sentence_has_its_translation(chinese: gettext.GNUTranslations) -> None:
    missing = [m for m in catalogue.all_msgids() if not catalogue.is_translated(chinese, m)]
    assert sorted(missing) == []


def test_no_translation_loses_or_invents_a_place(chinese: gettext.GNUTranslations) -> None:
    for context, text in catalogue.all_msgids():
        said = chinese.pgettext(context, text) if context else chinese.ngettext(text, text, 1)
        assert catalogue.places(said) == catalogue.places(text), text


def test_the_compiled_catalogue_is_that_of_the_source(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    try:
        subprocess.run(
            ["msgfmt", "--check-format", "-o", compiled, LOCALE / "django.po"], check=True
        )
    except FileNotFoundError:
        pytest.skip("no msgfmt here: apt-get install gettext")
    assert compiled.read_bytes() == (LOCALE / "django.mo").read_bytes()


def test_a_refusal_is_said_in_the_language_of_who_reads_it() -> None:
    refused = HostUnreachable(
        "{host} is in maintenance.", hint="Deploy it to hosts first.", host="web-1"
    )
    with translation.override("zh-hans"):
        note = note_of(refused)
    assert (note.message, note.hint) == ("web-1 正在维护。", "请先部署到主机。")
    with translation.override("en"):
        assert note_of(refused).message == "web-1 is in maintenance."


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("web-1 is in maintenance.", "web-1 正在维护。"),
        ("web-1 is in maintenance. Try again.", "web-1 正在维护。 请再试一次。"),
        (
            "1 failed in the canary batch, 0 allowed: web-1 is in maintenance.",
            "金丝雀批次失败 1 台，允许 0 台: web-1 正在维护。",
        ),
        ("2 of 2 instances run 1.0.", "2 / 2 个实例运行 1.0。"),
        ("Nobody ever wrote this sentence.", "Nobody ever wrote this sentence."),
        ("web-1: {braces} cannot be written to.", "web-1：{braces} 不可写。"),
        ("", ""),
    ],
)
def test_stored_sentences_are_retold(stored: str, said: str) -> None:
    with translation.override("zh-hans"):
        assert retold(stored) == said
    with translation.override("en"):
        assert retold(stored) == stored
