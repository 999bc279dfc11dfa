"""What was seen of hosts and instances: facts beside the wishes, never instead of them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from slipway.core.instances import InstanceStatus
from slipway.core.names import instance_key
from slipway.core.refusal import Refused
from slipway.core.seen import SeenInstance
from slipway.ports import (
    HostDenied,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
)
from slipway.records.accounts.actors import Actor
from slipway.records.audit.operations import record
from slipway.records.fields.sentences import bounded
from slipway.records.fleet.models import Host, HostState, Instance

# With these nothing can be done there. Any other problem was met on a host that answered.
UNREACHED = (HostUnreachable, HostDenied, HostKeyChanged, HostKeyUnknown)


@transaction.atomic
def record_host_seen(*, host_id: int, problem: Refused | None, now: datetime) -> None:
    """Write down that a host answered (no problem), or what was the matter with it."""
    hosts = Host.objects.select_related("environment").select_for_update(of=("self",))
    note_sighting(hosts.get(pk=host_id), problem, now=now, checked=False)


def note_sighting(host: Host, problem: Refused | None, *, now: datetime, checked: bool) -> None:
    """Change a locked host's row by what was just seen; a changed key is told to everybody."""
    said = bounded(problem.sentence) if problem else None
    if isinstance(problem, HostKeyChanged) and host.problem != said:
        record(
            "host.key_changed",
            "host",
            host.pk,
            host.name,
            by=Actor.system(),
            now=now,
            cause=said,
            environment=host.environment.name,
        )
    host.problem = said
    reached = not isinstance(problem, UNREACHED)
    if host.state != HostState.MAINTENANCE:
        host.state = HostState.OK if reached else HostState.UNREACHABLE
    if reached:
        host.last_seen_at = now
    if checked:
        host.checked_at = now
    host.save(update_fields=["problem", "state", "last_seen_at", "checked_at"])


@transaction.atomic
def record_observation(
    *, host_id: int, service_id: int, seen: tuple[SeenInstance, ...], now: datetime
) -> None:
    """Write down which version runs in each instance of a service on a host, "" where none does.

    `now` is when the host was asked: what was seen later, by a rollout say, is not overwritten.
    """
    found = {each.instance: each for each in seen}
    instances = Instance.objects.filter(host_id=host_id, service_id=service_id)
    changed = list(instances.select_related("version").select_for_update(of=("self",)))
    for instance in changed:
        _note(instance, found, now)
    Instance.objects.bulk_update(changed, ["seen_version", "seen_at", "healthy"])


def _note(instance: Instance, found: Mapping[str, SeenInstance], now: datetime) -> None:
    if instance.seen_at is not None and instance.seen_at > now:
        return
    each = found.get(instance_key(instance.port or None))
    instance.seen_version = each.running_version if each else ""
    instance.seen_at = now
    if instance.status == InstanceStatus.RUNNING and instance.version:
        # Only what should be running can be ill for not running; whether a process that runs is
        # well, its health check says.
        instance.healthy = instance.seen_version == instance.version.name
