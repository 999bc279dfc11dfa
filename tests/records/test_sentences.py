"""Sentences are kept as code and values, on both databases, whatever hosts put into them."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps

import slipway
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.audit.operations import record
from slipway.records.rows.sentences import LONGEST_VALUE, SentenceField
from tests.kept_texts import KeptTexts
from tests.records.people import NOW
from tests.sentences import said

ROOT = Path(slipway.__file__).parent
LATER = timedelta(minutes=10)


def kept(sentence: Sentence | None) -> Sentence | None:
    event = record("host.added", "host", 1, "web-1", by=Actor.system(), now=NOW, cause=sentence)
    return Event.objects.get(pk=event.pk).cause


@pytest.mark.django_db
def test_what_is_kept_is_read_again() -> None:
    inner = Sentence.of("full", "{host}: {free} MB free", host="web-1", free=3)
    sentence = Sentence.of("halted", "{why}: {what}", hint="Mend {what}.", why=inner, what="it")
    assert kept(sentence) == sentence
    assert kept(None) is None
    assert Event.objects.filter(cause__isnull=True).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("\0", "\N{REPLACEMENT CHARACTER}"),
        ("a\ud800", "a?"),
        ("é" * 9_000, "é" * LONGEST_VALUE),
        ("{host} {{", "{host} {{"),
    ],
)
def test_values_become_what_both_databases_take(text: str, stays: str) -> None:
    assert str(kept(said(text))) == stays
    deep = Sentence.of("halted", "{why}", why=said(text))
    assert str(kept(deep)) == stays
    refused = Refused(text)  # whoever raises it may have taken a host's words for a template
    assert str(kept(refused.sentence)) == stays


@pytest.mark.django_db
def test_a_text_is_no_sentence() -> None:
    with pytest.raises(TypeError, match="keeps a Sentence"):
        kept("it failed")  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "is_heard"),
    [
        ({"why": "web-7 does not answer, and nobody knows why."}, False),
        ({"why": "Slipway itself failed at this build."}, True),
        ({"whys": ["it", "web-1:80 is not there any more: its host was found without it."]}, True),
        ({"why": Refused("Slipway itself failed at this build.").sentence.as_json()}, False),
        ({"code": "failed", "message": "Slipway itself failed at this."}, False),
    ],
)
def test_a_sentence_that_is_kept_without_its_code_is_heard(
    told: dict[str, object], is_heard: bool, kept_texts: KeptTexts
) -> None:
    """As it would be in each test of all."""
    kept_texts.forget()
    record("host.added", "host", 1, "web-1", by=Actor.system(), now=NOW, after=told)
    assert bool(kept_texts.taken()) is is_heard


TELLING = {"problem", "outcome", "cause", "message", "hint", "problem_hint"}


def test_what_the_system_tells_is_kept_in_no_text_column() -> None:
    """A person's reason is a text; why the system did something is a sentence beside it. Whose
    fault it was, on a target, is one word of a few."""
    texts = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("slipway.")
        for field in model._meta.get_fields()
        if field.name in TELLING and not isinstance(field, SentenceField)
    ]
    assert texts == ["Target.cause"]


def test_nothing_is_kept_that_was_said_already() -> None:
    """Outside of the edges a refusal is a value: its `message` is for whoever reads it."""
    said_early = [
        f"{path.name}:{node.lineno}"
        for room in ("core", "records", "controller")
        for path in sorted((ROOT / room).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and not _is_log(call)
        for node in (word.value for word in call.keywords)
        if isinstance(node, ast.Attribute) and node.attr == "message"
    ]
    assert said_early == []


def _is_log(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
    )
