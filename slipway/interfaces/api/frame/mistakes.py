"""What is wrong with a request's fields, each mistake as a sentence of ours.

The validator's own words are English; its codes (docs.pydantic.dev, "Validation Errors") are not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

_SHOWN = 3  # mistakes named in one answer
_PARTS = ("body", "query", "path")  # of a request: a field is not named by them
_TEXT = "{field} has to be text."
_NUMBER = "{field} has to be a whole number."
_TIME = "{field} has to be a time with a zone, like 2026-11-23T10:15:00Z."
_UUID = "{field} has to be a UUID."
_TEMPLATES = {
    "missing": "{field} is missing.",
    "extra_forbidden": "{field} is not known here.",
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": "{field} is too short: at least {min_length} characters.",
    "string_too_long": "{field} is too long: at most {max_length} characters.",
    "string_pattern_mismatch": "{field} holds something that may not be in it.",
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "int_parsing_size": _NUMBER,
    "float_type": "{field} has to be a number.",
    "float_parsing": "{field} has to be a number.",
    "greater_than_equal": "{field} has to be at least {ge}.",
    "less_than_equal": "{field} has to be at most {le}.",
    "greater_than": "{field} has to be more than {gt}.",
    "less_than": "{field} has to be less than {lt}.",
    "bool_type": "{field} has to be true or false.",
    "bool_parsing": "{field} has to be true or false.",
    "list_type": "{field} has to be a list.",
    "dict_type": "{field} has to be an object.",
    "model_attributes_type": "{field} has to be an object.",
    "model_type": "{field} has to be an object.",
    "too_long": "{field} has too many entries: at most {max_length}.",
    "too_short": "{field} has too few entries: at least {min_length}.",
    "finite_number": "{field} has to be a finite number.",
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "enum": "{field} has to be one of {expected}.",
    "literal_error": "{field} has to be one of {expected}.",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "timezone_aware": _TIME,
}


def invalid(mistakes: Sequence[Mapping[str, Any]]) -> Invalid:
    """Return the refusal that names the first of `mistakes`, as the validator tells them."""
    # The values that were sent are not repeated: one of them may be a secret.
    return Invalid(
        "{mistakes}",
        hint="See /api/v1/openapi.json for what this address takes.",
        mistakes=Sentence.joined(*(_said(each) for each in mistakes[:_SHOWN])),
    )


def _said(mistake: Mapping[str, Any]) -> Sentence:
    parts = [str(part) for part in mistake["loc"]]
    while parts and parts[0] in _PARTS:
        parts.pop(0)
    field = ".".join(parts) or Sentence.of("the_body", "The body")
    code = str(mistake["type"])
    template = _TEMPLATES.get(code)
    if template is None:
        template = "{field} cannot be taken: {why}."
        return Sentence.of("unfit", template, field=field, why=mistake["msg"])
    return Sentence.of("unfit", template, field=field, **mistake.get("ctx", {}))
