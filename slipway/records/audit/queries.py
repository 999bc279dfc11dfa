"""Questions about what happened."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from slipway.core.spec.hidden_values import without_kept_values
from slipway.core.words.roles import Action
from slipway.records.audit.authors import EventReader
from slipway.records.audit.models import Event
from slipway.records.rows.texts import is_storable


def list_events(  # noqa: PLR0913 - each of them narrows the list
    *,
    actor: EventReader,
    verb: str | None = None,
    thing: tuple[str, str] | None = None,
    service: str | None = None,
    environment: str | None = None,
    by: str | None = None,
    about: Q | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    before_id: int | None = None,
) -> Sequence[Event]:
    """Return what `actor` may see, the newest first; `thing` is (kind, id), `about` a condition of
    the records that know the thing, `by` a name as it is shown.

    A verb that ends with a dot (`rollout.`) stands for all that begin so.
    """
    texts = {
        "verb__startswith" if (verb or "").endswith(".") else "verb": verb,
        "service": service,
        "environment": environment,
        "by_name": by,
    }
    if not all(is_storable(text or "") for text in texts.values()):
        return []
    kind, number = thing or (None, None)
    others = {"thing_kind": kind, "thing_id": number, "pk__lt": before_id}
    wanted = {**texts, **others, "at__gte": since, "at__lt": until}
    seen = actor.visible(service="service", environment="environment")
    events = Event.objects.filter(seen, about or Q())
    said = {column: value for column, value in wanted.items() if value}
    return _as_seen_by(actor, events.filter(**said).order_by("-id")[:limit])


def _as_seen_by(actor: EventReader, events: Iterable[Event]) -> list[Event]:
    found = list(events)
    for event in found:
        if not actor.may_somewhere(Action.DEPLOY, service=event.service):
            event.before, event.after = _hidden(event.before), _hidden(event.after)
        if not actor.may(Action.MANAGE_HOST, environment=event.environment):
            _hide_keys(event)
    return found


def _hide_keys(event: Event) -> None:
    """Which key opens a host is for who manages hosts there."""
    if event.thing_kind == "key":
        event.thing_name = ""
    if event.thing_kind == "host":
        event.before, event.after = (
            {name: value for name, value in kept.items() if name != "key"}
            if isinstance(kept, dict)
            else kept
            for kept in (event.before, event.after)
        )


def _hidden(kept: Any) -> Any:
    """What is in a spec or a build is for those who may deploy, here as well."""
    return without_kept_values(kept) if isinstance(kept, dict) else kept
