"""The kinds of values that requests may hold, each with its bounds; and what every list is."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any, Generic, TypeVar

from ninja import Field, Schema
from pydantic import BeforeValidator, ConfigDict, StringConstraints

from slipway.records.accounts.rights import SYSTEM
from slipway.records.rows.pages import Page, Stretch

T = TypeVar("T")

# PostgreSQL keeps no NUL, and SQLite should not keep what PostgreSQL refuses.
_NO_NUL = r"^[^\x00]*$"
_KEY = r"^[0-9A-Za-z][0-9A-Za-z._/-]{0,62}$"

Name = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=_NO_NUL)]
Word = Annotated[str, StringConstraints(max_length=64, pattern=_NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=1024, pattern=_NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=_NO_NUL)]
LongText = Annotated[str, StringConstraints(max_length=1_000_000, pattern=_NO_NUL)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=_NO_NUL)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Small = Annotated[int, Field(ge=0, le=32767)]
Seconds = Annotated[int, Field(ge=0, le=365 * 24 * 3600)]
Port = Annotated[int, Field(ge=0, le=65535)]  # 0: none
SshPort = Annotated[int, Field(ge=1, le=65535)]
Limit = Annotated[int, Field(ge=1, le=200)]
Offset = Annotated[int, Field(ge=0, le=10**9)]
Labels = Annotated[
    dict[Annotated[str, StringConstraints(pattern=_KEY)], Word], Field(max_length=64)
]


class Input(Schema):
    """What a request holds: a key that we do not know is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Why(Input):
    reason: Text = ""


NO_REASON = Why()


class Listed(Schema, Generic[T]):
    items: list[T]
    total: int


class Continued(Listed[T]):
    """`next`: what to send as `after` for the rows that follow, "" where there is none."""

    next: str


class Problem(Schema):
    """Why it was not done, and what to do next."""

    code: str
    message: str
    hint: str = ""
    values: dict[str, Any] = {}


class Empty(Schema):
    """Nothing needs to be said."""


def answers(content: object, status: int = 200) -> dict[Any, Any]:
    """Return the declaration of an endpoint's own answer."""
    return {status: content}


def listed(page: Page[Any], show: Callable[[Any], object] | None = None) -> dict[str, object]:
    """Return one page of a list; `show` makes the JSON of one row where the schema cannot."""
    return {"items": [show(row) for row in page] if show else list(page), "total": page.total}


def continued(rows: Stretch[Any], show: Callable[[Any], object]) -> dict[str, object]:
    """Return one part of a list that rows may come into while it is read."""
    return {"items": list(map(show, rows)), "total": rows.total, "next": rows.after}


def part(rows: Sequence[Any], limit: int, offset: int) -> dict[str, object]:
    """Return a page of a list that is short enough to be read whole."""
    return {"items": list(rows[offset : offset + limit]), "total": len(rows)}


def named(person: object) -> str:
    """Return the name of a person, or of a name; "slipway" where the system itself acted."""
    return str(person or SYSTEM)


def _whole_seconds(time: timedelta) -> int:
    return int(time.total_seconds())


# In answers: what a row keeps as a person, or as a time.
Named = Annotated[str, BeforeValidator(named)]
InSeconds = Annotated[int, BeforeValidator(_whole_seconds)]


def given(body: Schema) -> dict[str, Any]:
    """Return only what the request really held: what a PATCH changes."""
    return {name: getattr(body, name) for name in body.model_fields_set}
