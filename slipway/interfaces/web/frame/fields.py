"""Fields of a form that is shown again: what was typed, and what is wrong stands beside it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from slipway.core.words.refusal import Refused
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.notes import Note, note_of

LONGEST = 64 * 1024 + 1  # characters; what is shorter is judged by the operations
_WAS = "was_"


class ChangedMeanwhile(Refused):
    """Somebody else changed the same field since the form was opened."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what was typed, what it was when the form was opened, and what is wrong."""

    value: str
    was: str
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FormInput:
    """A field as a page shows it. `kind`: text, number, area, choice; `note` explains it."""

    name: str
    label: str
    field: Field
    kind: str = "text"
    note: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 255
    is_needed: bool = False
    example: str = ""


def opened(request: HttpRequest, kept: Mapping[str, str]) -> dict[str, Field]:
    """Return the form as it is opened: as things are, or as it was typed before a new sign-in."""
    typed = notes.take_typed(request)
    return {
        key: Field(typed.get(key, text), typed.get(_WAS + key, text)) for key, text in kept.items()
    }


def sent(request: HttpRequest, kept: Mapping[str, str]) -> dict[str, Field]:
    """Return the form as it was sent; what it lacks is as it is."""
    return {
        key: Field(
            pages.typed(request, key, text)[:LONGEST],
            pages.typed(request, _WAS + key, text)[:LONGEST],
        )
        for key, text in kept.items()
    }


def typed_anew(form: Mapping[str, Field], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that were changed. Raises ChangedMeanwhile: what others changed since the
    form was opened is left alone."""
    changed = {key: field for key, field in form.items() if field.value != field.was}
    for key, field in changed.items():
        # As a form brings it back.
        is_now = kept[key].replace("\r\n", "\n").strip()
        if is_now not in (field.was, field.value):
            raise ChangedMeanwhile(
                "Somebody else has changed it meanwhile: it is {now}.",
                hint="Look at what it is now, then change it again.",
                now=kept[key].replace("\n", ", ") or "–",
            ).at(key)
    return {key: field.value for key, field in changed.items()}


def told_at_its_field(
    form: dict[str, Field],
    refused: Refused | None,
    *,
    offered: Collection[str],
    now: Mapping[str, str],
) -> tuple[dict[str, Field], list[Note]]:
    """Return the form with a refusal at the field it is about, and the notes of the page: where the
    field is none that is offered, the refusal is one of them. `now`: what the fields are."""
    if refused is None:
        return form, []
    note = note_of(refused)
    if refused.field not in offered:
        return form, [note]
    at = refused.field
    told = Field(form[at].value, now.get(at, ""), note.message, note.hint)
    return {**form, at: told}, []


@contextmanager
def said_at(field: str) -> Iterator[None]:
    """Let a refusal be about this field, where it does not say that it is about another."""
    try:
        yield
    except Refused as refused:
        raise refused.at(field) from None


def labels_input(field: Field, example: str, label: str = "") -> FormInput:
    """Return the field of labels, which `labels_of` reads."""
    said = label or _("Labels, one a line: key=value")
    return FormInput("labels", said, field, kind="area", example=example)


def labels_text(labels: Mapping[str, str]) -> str:
    """Return labels as they are typed."""
    return "\n".join(f"{key}={value}" for key, value in labels.items())


def labels_of(text: str) -> dict[str, str]:
    """Return labels that were typed, one a line."""
    return dict(_label(line) for line in text.splitlines() if line.strip())


def _label(line: str) -> tuple[str, str]:
    key, _equals, value = line.strip().partition("=")
    return key.strip(), value.strip()
