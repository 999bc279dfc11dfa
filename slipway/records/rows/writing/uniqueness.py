"""A broken uniqueness rule becomes a refusal, whichever database noticed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from slipway.core.words.refusal import Refused
from slipway.records.rows.writing.triggers import TAKEN

_POSTGRESQL = "23505"
_SQLITE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


@contextmanager
def refused_if_taken(refusal: Refused | Callable[[], Refused]) -> Iterator[None]:
    """Run the block in a savepoint; raise `refusal` when a unique constraint stops it: one that
    depends on what is there is asked for only then."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if is_taken(error):
            raise (refusal if isinstance(refusal, Refused) else refusal()) from error
        raise


def is_taken(error: IntegrityError) -> bool:
    """Return whether a unique constraint was broken, and not some other rule."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", None) == _POSTGRESQL
        or getattr(cause, "sqlite_errorname", None) in _SQLITE
        # The rule that keeps a row of that name in its place speaks before the constraint does.
        or str(cause).endswith(TAKEN)
    )
