"""What looks at many hosts have found, in few statements: nearly always, nothing new."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.refusal import Refused
from slipway.ports import HostIncapable, OursAtFault
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations.sightings import (
    is_of_another_machine,
    note_seen,
    note_sighting,
    sighting,
)
from slipway.records.rows.pages import slices
from slipway.records.rows.sentences import kept
from slipway.records.rows.writing.alike import save_alike

M = TypeVar("M", bound=Model)

AT_ONCE = 200  # hosts in a transaction
_SEEN = (
    *("seen_version", "seen_link", "seen_fingerprint", "seen_bare"),
    *("seen_drift", "seen_why", "healthy"),
)


@dataclass(frozen=True, slots=True)
class HostLook:
    """`seen` is what runs of each service that was asked for, by its id; `asked_at`: not later than
    the first question. `facts` are of one that is asked for nothing else."""

    host_id: int
    asked_at: datetime
    problem: Refused | None = None
    seen: Mapping[int, tuple[SeenInstance, ...]] = field(default_factory=dict)
    facts: HostFacts | None = None


def record_looks(*, looks: Sequence[HostLook], now: datetime) -> None:
    """Write down what was found. Of what is as it was, only the times are written, for all in one
    statement; what was seen later than asked for here, by a rollout say, is not overwritten."""
    for some in slices(looks, AT_ONCE):
        with transaction.atomic():
            _note_hosts(some, now)
            note_instances(some)


def _locked(rows: QuerySet[M]) -> QuerySet[M]:
    """Whoever writes a row that points at one of these waits for nobody: a rollout's commit has
    locked instances by then, and would be waited for in turn."""
    return rows.select_for_update(of=("self",), no_key=True)


def _note_hosts(looks: Sequence[HostLook], now: datetime) -> None:
    by_id = {look.host_id: look for look in looks}
    hosts = _locked(Host.objects.filter(pk__in=by_id)).order_by("pk")
    narrow = hosts.select_related("environment").only(
        *("name", "state", "problem", "last_seen_at", "checked_at", "looked_at", "machine_since"),
        "environment__name",
    )
    answered: list[int] = []
    silent: list[int] = []
    for host in narrow:
        problem = by_id[host.pk].problem
        if is_of_another_machine(host, by_id[host.pk].asked_at):
            continue
        seen = sighting(host, problem)
        if isinstance(problem, OursAtFault):
            silent.append(host.pk)
        elif (host.state, host.problem) != (seen.state, seen.problem):
            note_sighting(host, problem, now=now, checked=False)
            if (facts := by_id[host.pk].facts) is not None:
                note_facts(host, facts, problem)
        else:
            (answered if seen.reached else silent).append(host.pk)
    Host.objects.filter(pk__in=answered).update(looked_at=now, last_seen_at=now)
    Host.objects.filter(pk__in=silent).update(looked_at=now)


def note_facts(host: Host, facts: HostFacts, problem: Refused | None) -> None:
    """Write down what was found on a host, and what it lacks for a release."""
    host.facts = asdict(facts) | {
        "tools": list(facts.tools),
        "lacking": list(facts.lacking),
        "missing_users": list(facts.missing_users),
        "barred": [kept(sentence) for sentence in facts.barred],
        "unfit": kept(problem.sentence) if isinstance(problem, HostIncapable) else None,
    }
    host.save(update_fields=["facts"])


def note_instances(looks: Iterable[HostLook]) -> None:
    """Write down what was found of instances; in a transaction."""
    by_id = {look.host_id: look for look in looks if look.seen}
    instances = _locked(Instance.objects.filter(host__in=by_id))
    narrow = instances.select_related("version", "host").only(
        *("service", "host", "port", "status", "seen_at", *_SEEN),
        "version__name",
        "host__machine_since",
    )
    as_before: dict[datetime, list[int]] = defaultdict(list)
    changed = []
    for instance in narrow.order_by("pk"):
        look = by_id[instance.host_id]
        if instance.service_id not in look.seen:
            continue
        before = _seen(instance)
        found = {each.instance: each for each in look.seen[instance.service_id]}
        if not note_seen(instance, found, look.asked_at):
            continue
        if _seen(instance) == before:
            as_before[look.asked_at].append(instance.pk)
        else:
            changed.append(instance)
    save_alike(Instance, changed, (*_SEEN, "seen_at"))
    for asked_at, keys in as_before.items():
        for some in slices(keys):
            Instance.objects.filter(pk__in=some).update(seen_at=asked_at)


def _seen(instance: Instance) -> tuple[object, ...]:
    return tuple(getattr(instance, name) for name in _SEEN)
