"""Who hears of changes to accounts: the room that keeps them is above this one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slipway.records.accounts.models import Token, User
from slipway.records.accounts.rights import Actor

UNKNOWN_LOGIN = "attempt.unknown_login"  # at a name that nobody has
SLOWED_LOGIN = "attempt.slowed_login"  # while whoever guesses has to wait

Record = Callable[..., Any]

_records: list[Record] = []
_strangers: list[Record] = []


def heard_by(record: Record, strangers: Record) -> None:
    """Hand every change of accounts to `record`, and what nobody whom we know tried to `strangers`,
    from now on; the audit room calls this at start."""
    _records[:], _strangers[:] = [record], [strangers]


def tell_of_stranger(deed: str, *, source: str, now: datetime) -> None:
    """Have a deed of somebody kept whom nobody knows: not each, and for ever."""
    _strangers[0](deed, source=source, now=now)


def tell(
    verb: str,
    thing: User | Token,
    *,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    service: str = "",
    environment: str = "",
) -> None:
    """Have a change of an account kept for ever. Raises LookupError when nobody keeps it."""
    if not _records:
        raise LookupError("no room keeps what happens to accounts")
    _records[0](
        verb,
        thing._meta.model_name or "",
        str(thing.pk),
        str(thing),
        by=by,
        now=now,
        before=before,
        after=after,
        service=service,
        environment=environment,
    )
