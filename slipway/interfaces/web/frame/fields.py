"""Fields of a form that is shown again: what was typed, and what is wrong stands beside it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from slipway.core.words.refusal import Refused
from slipway.interfaces.web.frame.notes import Note, note_of


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what was typed, what it was when the form was opened, and what is wrong."""

    value: str
    was: str
    problem: str = ""
    hint: str = ""


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
