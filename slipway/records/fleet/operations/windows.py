"""Freeze windows, one by one: of two people who change them at once nobody undoes the other's."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid, NotFound
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.fleet.models import Environment
from slipway.records.rows.texts import checked_text

MOST_WINDOWS = 100
_ID_LENGTH = 12

Window = dict[str, str]  # id, from, until, reason


@transaction.atomic
def add_window(
    *, environment: Environment, begin: Any, until: Any, reason: str, by: Actor, now: datetime
) -> Window:
    """Let nothing new go to an environment for a time; the same window twice is one.

    Raises Invalid.
    """
    by.require(Action.MANAGE_ENVIRONMENT, environment=environment.name)
    added = checked_window({"from": begin, "until": until, "reason": reason})
    _lock(environment)
    kept = windows_of(environment)
    found = named(added)
    if found in kept:
        return found
    _keep(environment, [*kept, found])
    record_of("environment.window_added", environment, by=by, now=now, after=added, reason=reason)
    return found


@transaction.atomic
def remove_window(*, environment: Environment, window: str, by: Actor, now: datetime) -> Window:
    """Take a window away, by its id. Raises NotFound."""
    by.require(Action.MANAGE_ENVIRONMENT, environment=environment.name)
    _lock(environment)
    kept = windows_of(environment)
    gone = next((each for each in kept if each["id"] == window), None)
    if gone is None:
        raise NotFound(
            "{environment} has no freeze window {window}.",
            environment=environment.name,
            window=shown(window),
        )
    _keep(environment, [each for each in kept if each != gone])
    record_of("environment.window_removed", environment, by=by, now=now, before=_plain(gone))
    return gone


def windows_of(environment: Environment) -> list[Window]:
    """Return the windows of an environment, the first to begin first, each with its id."""
    kept = [named(each) for each in environment.freeze_windows]
    return sorted(kept, key=lambda each: datetime.fromisoformat(each["from"]))


def named(window: Mapping[str, str]) -> Window:
    """Return a window with its id: what it says, so that two alike are one."""
    plain = _plain(window)
    digest = hashlib.sha256("\n".join(plain.values()).encode()).hexdigest()
    return {"id": digest[:_ID_LENGTH], **plain}


def checked_windows(value: Any) -> list[Window]:
    """Return a whole list of windows as it is kept. Raises Invalid."""
    if not isinstance(value, list) or len(value) > MOST_WINDOWS:
        raise Invalid("Freeze windows are a list of at most {most}.", most=MOST_WINDOWS)
    return [checked_window(each) for each in value]


def checked_window(value: Any) -> Window:
    """Return one as it is kept, without its id. Raises Invalid."""
    if not isinstance(value, Mapping) or not {"from", "until"} <= value.keys():
        raise Invalid(
            "A freeze window needs from and until.",
            hint="Give both as times with a zone, like 2026-12-24T00:00:00Z, and a reason.",
        )
    begin, end = _moment(value["from"], "from"), _moment(value["until"], "until")
    if end <= begin:
        raise Invalid("A freeze window ends after it begins.").at("until")
    reason = checked_text(str(value.get("reason", "")), what="reason", limit=255)
    return {"from": begin.isoformat(), "until": end.isoformat(), "reason": reason}


def _moment(value: Any, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        not_one = Invalid("{value} is not a time.", value=f"“{shown(str(value))}”")
        raise not_one.at(field) from error
    if moment.tzinfo is None:
        hint = "Write for example 2026-12-24T00:00:00Z."
        raise Invalid("A time needs its zone.", hint=hint).at(field)
    return moment


def _lock(environment: Environment) -> None:
    environment.refresh_from_db(from_queryset=Environment.objects.select_for_update())


def _keep(environment: Environment, windows: list[Window]) -> None:
    environment.freeze_windows = checked_windows(windows)
    environment.save(update_fields=["freeze_windows"])


def _plain(window: Mapping[str, str]) -> Window:
    return {key: window.get(key, "") for key in ("from", "until", "reason")}
