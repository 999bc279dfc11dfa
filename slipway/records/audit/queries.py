"""Questions about what happened."""

from collections.abc import Sequence
from datetime import datetime

from slipway.records.accounts.actors import Actor
from slipway.records.audit.models import Event
from slipway.records.fields.texts import is_storable


def list_events(
    *,
    actor: Actor,
    verb: str | None = None,
    thing: tuple[str, str] | None = None,
    service: str | None = None,
    environment: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
    before_id: int | None = None,
) -> Sequence[Event]:
    """Return what `actor` may see, the newest first; `thing` is (kind, id).

    A verb that ends with a dot (`rollout.`) stands for all that begin so.
    """
    events = Event.objects.filter(actor.visible(service="service", environment="environment"))
    if verb:
        events = events.filter(**{"verb__startswith" if verb.endswith(".") else "verb": verb})
    if thing:
        events = events.filter(thing_kind=thing[0], thing_id=thing[1])
    if service:
        events = events.filter(service=service)
    if environment:
        events = events.filter(environment=environment)
    if since:
        events = events.filter(at__gte=since)
    if before_id:
        events = events.filter(pk__lt=before_id)
    if not all(is_storable(text) for text in (verb or "", service or "", environment or "")):
        return []
    return list(events.order_by("-id")[:limit])
