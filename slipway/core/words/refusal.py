"""The errors that are an answer, not a bug: a sentence, and what to do next."""

from typing import ClassVar, Self

from slipway.core.words.sentence import Sentence, fill


class Refused(Exception):
    """An operation that may not happen now (HTTP 409, exit code 2, a sentence in the UI).

    `message` and `hint` are English templates with `{name}` places, filled from `values`; the
    templates stay apart from the values so that the UI can say them in another language.
    """

    code: ClassVar[str] = "refused"
    field: str = ""  # of a form, where it is one field that cannot be

    def __init__(self, message: str, *, hint: str = "", **values: object) -> None:
        self.template = message
        self.hint_template = hint
        self.values = values
        super().__init__(message, hint, values)

    def at(self, field: str) -> Self:
        """Say at which field of a form it is shown."""
        self.field = self.field or field
        return self

    @property
    def message(self) -> str:
        return fill(self.template, self.values)

    @property
    def hint(self) -> str:
        return fill(self.hint_template, self.values)

    @property
    def sentence(self) -> Sentence:
        """The refusal as it is kept, to be said later in a language that is not known yet."""
        return Sentence.of(self.code, self.template, hint=self.hint_template, **self.values)

    def __str__(self) -> str:
        return self.message


class Invalid(Refused):
    """What was sent cannot be meant (HTTP 422)."""

    code = "invalid"


class NotFound(Refused):
    """The thing is not there, or the asker may not know that it is (HTTP 404)."""

    code = "not_found"


class Forbidden(Refused):
    """The asker is known and lacks the right (HTTP 403)."""

    code = "forbidden"
