"""Rollouts and services that are asked for by words, labels, states and times."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, partial

from django.db.models import Exists, OuterRef, Q, QuerySet

from slipway.core.finding.listings import BEHIND, ROLLOUTS, SERVICES, ServiceState
from slipway.core.hosts.place_status import PlaceWord
from slipway.core.words.instances import FAILED, InstanceStatus
from slipway.records.accounts.rights import Actor, made_by
from slipway.records.catalog.models import Service
from slipway.records.catalog.queries.stars import is_starred_by
from slipway.records.fleet.models import Instance
from slipway.records.fleet.queries import status_of
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout, Target
from slipway.records.rows.finding.asked import (
    Asking,
    Columns,
    between,
    is_one_of,
    narrowed,
    time_of,
)
from slipway.records.rows.finding.labels import unknown_labels

_FAILED = {status.word: status for status in FAILED}
# What instances are called, by the id of their service.
Odd = Callable[[], dict[int, set[str]]]
_SEEN = {"service": "service__name", "environment": "environment__name"}


def rollouts_asked_for(rollouts: QuerySet[Rollout], asking: Asking) -> QuerySet[Rollout]:
    """Return those of `rollouts`; a word is a part of the service's name or the version's, and a
    label is one of the service."""
    return narrowed(rollouts, asking, ROLLOUTS, _ROLLOUTS)


def _on_hosts(names: Sequence[str]) -> Q:
    return Q(pk__in=Target.objects.filter(host__name__in=names).values("rollout"))


_ROLLOUTS = Columns(
    word=lambda text: Q(service__name__icontains=text) | Q(version__name__icontains=text),
    fields={
        "state": is_one_of("state"),
        "kind": is_one_of("kind"),
        "service": is_one_of("service__name"),
        "environment": is_one_of("environment__name"),
        "version": is_one_of("version__name"),
        "host": _on_hosts,
        "by": made_by,
    },
    time=time_of("created_at"),
    labels="service__labels",
)


def services_asked_for(
    services: QuerySet[Service], asking: Asking, actor: Actor
) -> QuerySet[Service]:
    """Return those of `services`; their time is that of a rollout which began then. Only what
    `actor` may see of a service counts."""
    instances = Instance.objects.filter(actor.visible(**_SEEN))
    rollouts = Rollout.objects.filter(actor.visible(**_SEEN))
    odd = cache(partial(_odd_words, actor, asking.now))  # looked at once, however often asked for

    def released(asked: Asking) -> Q:
        return Q(pk__in=rollouts.filter(between("created_at", asked)).values("service"))

    def there(names: Sequence[str]) -> Q:
        return Q(pk__in=instances.filter(environment__name__in=names).values("service"))

    columns = Columns(
        word=lambda text: Q(name__icontains=text) | Q(description__icontains=text),
        fields={
            "state": lambda words: with_state(actor, words, asking.now, odd),
            "environment": there,
            "language": is_one_of("language"),
            "is": lambda _words: is_starred_by(actor),
            "by": lambda names: Q(pk__in=rollouts.filter(made_by(names)).values("service")),
        },
        time=released,
    )
    return narrowed(services, asking, SERVICES, columns)


def services_where(actor: Actor, asking: Asking) -> Q:
    """Return what is asked for as a condition for services."""
    return Q(pk__in=services_asked_for(Service.objects.all(), asking, actor).values("pk"))


def unknown_service_labels(actor: Actor, asking: Asking) -> list[str]:
    """Return the labels that are asked for and that no service has which `actor` may see."""
    seen = Service.objects.filter(actor.visible(service="name"))
    return unknown_labels(seen, asking.where.labels)


def with_state(actor: Actor, words: Iterable[str], now: datetime, odd: Odd | None = None) -> Q:
    """Return the condition for services that stand so, as far as `actor` may see."""
    instances = Instance.objects.filter(actor.visible(**_SEEN))
    wanted = set(words)
    found = Q(pk__in=[])
    for state, condition in _STATES.items():
        if state in wanted:
            found |= condition(actor, now)
    if failed := [_FAILED[word] for word in wanted & _FAILED.keys()]:
        found |= Q(pk__in=instances.filter(status__in=failed).values("service"))
    if BEHIND in wanted:
        found |= _is_behind(actor)
    if wanted & {PlaceWord.ILL, PlaceWord.DRIFTED}:
        known = odd() if odd else _odd_words(actor, now)
        found |= Q(pk__in=[service for service, called in known.items() if called & wanted])
    return found


def _odd_words(actor: Actor, now: datetime) -> dict[int, set[str]]:
    """Return what instances of each service are called that run otherwise than they should; that is
    said in one place, which is none of the database's."""
    seen = Instance.objects.filter(actor.visible(**_SEEN), status=InstanceStatus.RUNNING)
    found: dict[int, set[str]] = {}
    for each in seen.not_as_wanted().for_status():
        found.setdefault(each.service_id, set()).add(status_of(each, now).word)
    return found


def _running(actor: Actor, _now: datetime) -> Q:
    under_way = Rollout.objects.filter(UNDER_WAY, actor.visible(**_SEEN))
    return Q(pk__in=under_way.values("service"))


def _locked(actor: Actor, now: datetime) -> Q:
    held = Lock.objects.in_force(now).filter(actor.visible(**_SEEN))
    return Q(pk__in=held.values("service"))


def _in_attention(actor: Actor, _now: datetime) -> Q:
    seen = Instance.objects.filter(actor.visible(**_SEEN))
    return Q(pk__in=seen.not_as_wanted().values("service"))


def _is_behind(actor: Actor) -> Q:
    """Return the condition for services that run older somewhere than further left, as far as
    `actor` may see; where a rollout is under way, that is about to change."""
    seen = Instance.objects.filter(actor.visible(**_SEEN))
    order = OuterRef("environment__order")
    further_left = Q(environment__order__lt=order) | Q(
        environment__order=order, environment__name__lt=OuterRef("environment__name")
    )
    newer = seen.filter(
        further_left,
        service=OuterRef("service"),
        version__created_at__gt=OuterRef("version__created_at"),
    )
    moving = Rollout.objects.filter(
        UNDER_WAY, service=OuterRef("service"), environment=OuterRef("environment")
    )
    return Q(pk__in=seen.filter(~Exists(moving), Exists(newer)).values("service"))


def _used(actor: Actor, now: datetime) -> Q:
    seen = Instance.objects.filter(actor.visible(**_SEEN))
    return Q(pk__in=seen.values("service")) | _running(actor, now)


def _well(actor: Actor, now: datetime) -> Q:
    others = (_running(actor, now), _locked(actor, now), _in_attention(actor, now))
    found = _used(actor, now)
    for each in others:
        found &= ~each
    return found


_STATES: dict[str, Callable[[Actor, datetime], Q]] = {
    ServiceState.ATTENTION: _in_attention,
    ServiceState.RUNNING: _running,
    ServiceState.LOCKED: _locked,
    ServiceState.WELL: _well,
    ServiceState.UNUSED: lambda actor, now: ~_used(actor, now),
}
