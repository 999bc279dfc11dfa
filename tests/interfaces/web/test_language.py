"""Whatever people read, they can read in Chinese: the catalogue is whole, and no place is lost."""

import gettext
import subprocess
from pathlib import Path

import pytest
from django.utils import translation

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.core.words.roles import Role
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.notes import note_of
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.ports import HostUnreachable
from slipway.records.fleet.models import HostState
from tests.core.release.steps import STEP_NAMES
from tests.interfaces.web import catalogue
from tests.interfaces.web.catalogue import LOCALE

pytestmark = pytest.mark.once


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
        ("", "{place}: {step} did not end in time and was stopped."),  # one that is kept in a table
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


def in_chinese(sentence: Sentence) -> str:
    with translation.override("zh-hans"):
        return said(sentence)


def test_a_sentence_is_said_with_the_sentences_in_it() -> None:
    ill = Sentence.of("ill", "{host} is in maintenance.", host="web-1")
    budget = Sentence.of("x", "{count} failed, {allowed} allowed", count=1, allowed=0)
    halted = Sentence.of("halted", "{reason}: {problem}", reason=budget, problem=ill)
    assert in_chinese(halted) == "失败 1 台，允许 0 台：web-1 正在维护。"
    assert halted.english == "1 failed, 0 allowed: web-1 is in maintenance."


def test_what_hosts_and_people_said_stays_as_it_is() -> None:
    """Not even where it looks like a sentence of ours, or like a place."""
    printed = Sentence.of("said", "{text}", text="{host} is in maintenance.")
    assert in_chinese(printed) == "{host} is in maintenance."
    assert in_chinese(Sentence.of("x", "No template of ours.")) == "No template of ours."
    with translation.override("zh-hans"):
        assert (said("lunch"), said(None), said_hint(None)) == ("lunch", "", "")


def test_words_of_the_glossary_are_said_by_their_own_word() -> None:
    counted = Sentence.of("x", "{number} hosts {state}", number=3, state="succeeded")
    assert in_chinese(counted) == "3 台主机成功"
    late = "{place}: {step} did not end in time and was stopped."
    assert "健康检查" in in_chinese(Sentence.of("x", late, place="web-1", step="probe"))


CODES = [
    *(each.value for kind in (RolloutKind, RolloutStatus, TargetStatus, Role) for each in kind),
    *(each.value for each in HostState),
    *(each.word for kind in (VersionStatus, InstanceStatus) for each in kind),
]


def test_every_code_that_pages_say_has_its_word() -> None:
    with translation.override("zh-hans"):
        said = {code: words.word(code) for code in CODES}
        said |= {name: words.step_word(name) for name in STEP_NAMES}
    assert [code for code, text in said.items() if text.isascii()] == []


def test_what_is_kept_is_made_of_templates_that_the_collector_sees() -> None:
    """Templates are written down whole where they are used: put together from pieces, nobody could
    translate them."""
    assert catalogue.templates_in_pieces() == []


def test_no_value_of_a_sentence_is_english_of_ours() -> None:
    """Words of ours inside a sentence are a sentence of their own; else they stay English."""
    assert catalogue.prose_in_values() == []
