"""A host is another machine: what was seen of the one before says nothing any more."""

from datetime import datetime

from slipway.records.fleet.models import Host, HostState, Instance

# What looks found. What is wanted there, and what people said of it, stays.
_UNSEEN: dict[str, object] = {
    "seen_version": "",
    "seen_link": "",
    "seen_fingerprint": "",
    "seen_started_with": "",
    "seen_process": "",
    "seen_boot": "",
    "seen_drained_by": "",
    "seen_hook_owed": False,
    "seen_bare": None,
    "seen_drift": "",
    "seen_why": None,
    "seen_at": None,
    "healthy": None,
}
_FIELDS = (
    "state",
    "problem",
    "facts",
    "checked_at",
    "looked_at",
    "last_seen_at",
    "machine_since",
)


def forget_what_was_seen(host: Host, now: datetime) -> None:
    """Forget all that looks have found on a locked host, and write it. Maintenance stays: a person
    has said so."""
    if host.state != HostState.MAINTENANCE:
        host.state = HostState.UNKNOWN
    host.problem, host.facts = None, {}
    host.checked_at = host.looked_at = host.last_seen_at = None
    host.machine_since = now
    host.save(update_fields=_FIELDS)
    Instance.objects.filter(host=host).update(**_UNSEEN)
