"""What was seen of hosts and instances: facts beside the wishes, never instead of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from slipway.core.hosts.drift_words import kept
from slipway.core.hosts.place_status import why_down
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.names import instance_key
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports import (
    HostDenied,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    OursAtFault,
)
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rows.sentences import bounded

# With these nothing can be done there. Any other problem was met on a host that answered.
UNREACHED = (HostUnreachable, HostDenied, HostKeyChanged, HostKeyUnknown)


class Sighting(NamedTuple):
    """What a look says of a host."""

    reached: bool
    state: str
    problem: Sentence | None


def sighting(host: Host, problem: Refused | None) -> Sighting:
    reached = not isinstance(problem, UNREACHED)
    state = HostState.OK if reached else HostState.UNREACHABLE
    return Sighting(
        reached,
        host.state if host.state == HostState.MAINTENANCE else state,
        bounded(problem.sentence) if problem else None,
    )


def note_sighting(host: Host, problem: Refused | None, *, now: datetime, checked: bool) -> None:
    """Change a locked host's row by what was just seen; a changed key is told to everybody. What
    failed on our side says nothing of the host."""
    host.looked_at = now
    if checked:
        host.checked_at = now
    if not isinstance(problem, OursAtFault):
        seen = sighting(host, problem)
        if isinstance(problem, HostKeyChanged) and host.problem != seen.problem:
            cause = seen.problem
            record_of("host.key_changed", host, by=Actor.system(), now=now, cause=cause)
        host.problem, host.state = seen.problem, seen.state
        if seen.reached:
            host.last_seen_at = now
    host.save(update_fields=["problem", "state", "last_seen_at", "checked_at", "looked_at"])


def is_of_another_machine(host: Host, asked_at: datetime) -> bool:
    """Whether what was asked for then was asked of the machine that the host was before."""
    return host.machine_since is not None and asked_at < host.machine_since


def note_seen(instance: Instance, found: Mapping[str, SeenInstance], now: datetime) -> bool:
    """Change a locked instance by what was seen; False where more is known already, or the look was
    at the machine before."""
    if instance.seen_at is not None and instance.seen_at > now:
        return False
    if is_of_another_machine(instance.host, now):
        return False
    each = found.get(instance_key(instance.port or None))
    instance.seen_version = each.running_version if each else ""
    instance.seen_bare = each is None or not each.link
    instance.seen_link = each.link if each else ""
    instance.seen_fingerprint = each.fingerprint.partition(".")[0] if each else ""
    instance.seen_drift = kept(each.drift) if each else ""
    instance.seen_at = now
    if instance.status == InstanceStatus.RUNNING and instance.version:
        # Only what should be running can be ill for not running; whether a process that runs is
        # well, its health check says.
        instance.healthy = instance.seen_version == instance.version.name
        instance.seen_why = None if instance.seen_version else why_down(each)
    return True
