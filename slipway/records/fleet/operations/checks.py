"""Wishes to look at hosts, and what came of them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.fleet.operations.hosts import is_known_elsewhere, machine_elsewhere
from slipway.records.fleet.operations.looks import HostLook, note_facts, note_instances
from slipway.records.fleet.operations.machines import forget_what_was_seen
from slipway.records.fleet.operations.sightings import note_sighting
from slipway.records.fleet.queries import get_access

# A check takes seconds: whoever claimed one for longer has died.
CLAIM_TIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ClaimedCheck:
    """A look at a host that a worker has taken, and who asked for it."""

    id: int
    host_id: int
    environment_id: int
    access: HostAccess
    learn_key: bool
    by: Actor


@transaction.atomic
def request_checks(
    *, hosts: Sequence[Host], learn_key: bool, by: Actor, now: datetime
) -> uuid.UUID:
    """Have hosts looked at by a worker; returns what to ask for the answers with.

    With `learn_key` a host whose key is not known is believed, once.
    """
    action = Action.MANAGE_HOST if learn_key else Action.DEPLOY
    for environment in {host.environment.name for host in hosts}:
        by.require(action, environment=environment)
    group = uuid.uuid4()
    HostCheck.objects.bulk_create(
        HostCheck(
            host=host, group=group, learn_key=learn_key, requested_at=now, requested_by=by.user
        )
        for host in hosts
    )
    return group


@transaction.atomic
def claim_checks(*, worker: str, limit: int, now: datetime) -> list[ClaimedCheck]:
    """Take up to `limit` checks that nobody does; no two workers get the same one."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_TIME)
    waiting = HostCheck.objects.filter(free, finished_at=None).order_by("id")
    ids = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    if not ids:
        return []
    HostCheck.objects.filter(pk__in=ids).update(claimed_by=worker, claimed_at=now)
    rows = HostCheck.objects.filter(pk__in=ids).select_related("host__key", "requested_by")
    return [_claimed(check) for check in rows.order_by("id")]


def _claimed(check: HostCheck) -> ClaimedCheck:
    host, person = check.host, check.requested_by
    by = Actor(person, person.get_username()) if person else Actor.system()
    access = get_access(host)
    return ClaimedCheck(check.pk, host.pk, host.environment_id, access, check.learn_key, by)


@transaction.atomic
def finish_check(
    *,
    check: ClaimedCheck,
    facts: HostFacts | None,
    host_key: str | None,
    problem: Refused | None,
    now: datetime,
    asked_at: datetime | None = None,
    seen: Mapping[int, tuple[SeenInstance, ...]] | None = None,
) -> None:
    """Write down what a look at a host found. Said twice, the first time counts. The key of a
    machine that is in another environment is not learnt; what was seen before it was asked for one,
    at `asked_at`, was seen of another machine. `seen` is what runs there, by service."""
    host = (
        Host.objects.select_related("environment")
        .select_for_update(of=("self",))
        .get(pk=check.host_id)
    )
    if host_key and not host.host_key and is_known_elsewhere(host, host_key):
        host_key, facts, problem = None, None, machine_elsewhere(host)
    ended = HostCheck.objects.filter(pk=check.id, finished_at=None).update(
        finished_at=now,
        ok=problem is None,
        code=problem.code if problem else "",
        problem=problem.sentence if problem else None,
    )
    if not ended:
        return
    if host_key and not host.host_key:
        host.host_key = host_key
        host.save(update_fields=["host_key"])
        forget_what_was_seen(host, asked_at or now)
        after = {"host_key": host_key}
        record_of("host.key_learnt", host, by=check.by, now=now, after=after)
    if facts is not None:
        note_facts(host, facts, problem)
    note_sighting(host, problem, now=now, checked=True)
    if seen:
        note_instances([HostLook(host.pk, asked_at or now, None, seen)])
