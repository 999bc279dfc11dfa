"""Questions about the whole fleet, answered in a number of queries that does not grow with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from slipway.core.finding.listings import ServiceState
from slipway.core.words.instances import FAILED
from slipway.core.words.kinds import RolloutStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host, HostCheck, HostState, Instance, InstanceQuerySet
from slipway.records.fleet.narrow import for_pages
from slipway.records.rollouts.ask.finding import services_asked_for, with_state
from slipway.records.rollouts.ask.queries import with_names
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout, Target
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import BY_NAME, Bookmark, Page, Stretch

Place = tuple[int, int]  # ids of a service and an environment
WENT_WRONG = (RolloutStatus.HALTED, RolloutStatus.PARTIAL)


class Show(StrEnum):
    """What is counted of services: all of them, and those that stand so."""

    ALL = ""
    ATTENTION = ServiceState.ATTENTION.value
    RUNNING = ServiceState.RUNNING.value
    LOCKED = ServiceState.LOCKED.value


@dataclass(frozen=True, slots=True)
class Progress:
    """How many targets of a rollout are in which state, and between which versions they move."""

    states: Counter[str] = field(default_factory=Counter)
    from_versions: frozenset[str] = frozenset()
    to_versions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is to say of some services, by service and environment."""

    instances: dict[Place, list[Instance]]
    active: dict[Place, Rollout]
    latest: dict[Place, Rollout]
    locks: dict[Place, Lock]
    progress: dict[int, Progress]


def find_services(actor: Actor, asking: Asking, limit: int, at: Bookmark) -> Stretch[Service]:
    """Return the services that `actor` may see and asks for, by name, from a place on."""
    seen = Service.objects.filter(actor.visible(service="name"))
    seen = seen.defer("hook_secret", "build", "spec")
    return Stretch(services_asked_for(seen, asking, actor), BY_NAME, limit, at)


def count_services(
    actor: Actor, now: datetime, shows: Iterable[Show] = tuple(Show)
) -> dict[Show, int]:
    """Return how many services there are, and how many stand in each of these ways."""
    seen = Service.objects.filter(actor.visible(service="name"))
    return {
        show: seen.filter(with_state(actor, [show], now) if show else Q()).count() for show in shows
    }


def get_overview(actor: Actor, services: Iterable[Service], now: datetime) -> Overview:
    """Return instances, running and latest rollouts and locks of `services`."""
    ids = [service.pk for service in services]
    instances: dict[Place, list[Instance]] = defaultdict(list)
    for instance in _instances(actor).filter(service__in=ids).order_by("host__name", "port"):
        instances[instance.service_id, instance.environment_id].append(instance)
    rollouts = _rollouts(actor).filter(service__in=ids)
    active = _by_place(rollouts.filter(UNDER_WAY))
    newest = rollouts.order_by().values("service", "environment").annotate(newest=Max("id"))
    latest = _by_place(_rollouts(actor).filter(pk__in=newest.values("newest")))
    locks = {
        (lock.service_id, lock.environment_id): lock
        for lock in _held(actor, now).filter(service__in=ids)
    }
    return Overview(dict(instances), active, latest, locks, get_progress(active.values()))


def get_progress(rollouts: Iterable[Rollout]) -> dict[int, Progress]:
    """Return the progress of each rollout, by its id."""
    ids = [rollout.pk for rollout in rollouts]
    rows = (
        Target.objects.filter(rollout__in=ids)
        .values_list("rollout_id", "state", "from_version__name", "to_version__name")
        .annotate(count=Count("id"))
        .order_by()
    )
    states: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    before: dict[int, set[str]] = {pk: set() for pk in ids}
    after: dict[int, set[str]] = {pk: set() for pk in ids}
    for pk, state, from_version, to_version, count in rows:
        states[pk][state] += count
        before[pk].add(from_version or "")
        after[pk].add(to_version or "")
    return {pk: Progress(states[pk], frozenset(before[pk]), frozenset(after[pk])) for pk in ids}


def list_active(actor: Actor) -> Sequence[Rollout]:
    """Return the rollouts that are not over, the newest first."""
    return list(_rollouts(actor).filter(UNDER_WAY).order_by("-id"))


def list_gone_wrong(
    actor: Actor, since: datetime, limit: int = 20, offset: int = 0
) -> Page[Rollout]:
    """Return the rollouts that ended badly after `since` and that no other one of their service has
    followed there: what those of production left comes first, then the newest."""
    later = Rollout.objects.filter(
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        pk__gt=OuterRef("pk"),
        started_at__isnull=False,
    )
    ended = _rollouts(actor).filter(state__in=WENT_WRONG, finished_at__gte=since)
    left = ended.filter(~Exists(later.exclude(state=RolloutStatus.CANCELLED)))
    return Page(left.order_by("-environment__order", "-finished_at", "-id"), limit, offset)


def list_not_as_wanted(actor: Actor, limit: int = 20, offset: int = 0) -> Page[Instance]:
    """Return the instances that failed, are ill, or run another version than the one wanted; those
    that do not serve first, and of them those of production."""
    working = Rollout.objects.filter(
        UNDER_WAY,
        service=F("targets__instance__service"),
        targets__instance__isnull=False,
    )
    busy = working.values("targets__instance")
    found = _instances(actor).not_as_wanted().exclude(pk__in=busy)
    is_bad = Q(status__in=FAILED) | Q(healthy=False)
    is_milder = Case(When(is_bad, then=Value(0)), default=Value(1))
    order = ("-environment__order", "service__name", "host__name", "port")
    return Page(found.order_by(is_milder, *order), limit, offset)


def list_unreachable(actor: Actor, limit: int = 20, offset: int = 0) -> Page[Host]:
    """Return the hosts that could not be reached when they were last looked at."""
    hosts = Host.objects.filter(actor.visible(environment="environment__name"))
    lost = hosts.filter(state=HostState.UNREACHABLE).select_related("environment")
    return Page(lost.order_by("name"), limit, offset)


def count_fleet(actor: Actor) -> tuple[int, int]:
    """Return how many hosts and how many instances `actor` may see."""
    hosts = Host.objects.filter(actor.visible(environment="environment__name"))
    return hosts.count(), _instances(actor).count()


def get_last_check(host: Host) -> HostCheck | None:
    """Return the newest wish to look at `host`, finished or not."""
    return HostCheck.objects.filter(host=host).order_by("-id").first()


def _instances(actor: Actor) -> InstanceQuerySet:
    seen = actor.visible(service="service__name", environment="environment__name")
    return for_pages(Instance.objects.filter(seen))


def _rollouts(actor: Actor) -> QuerySet[Rollout]:
    seen = actor.visible(service="service__name", environment="environment__name")
    return with_names(Rollout.objects.filter(seen))


def _held(actor: Actor, now: datetime) -> QuerySet[Lock]:
    seen = actor.visible(service="service__name", environment="environment__name")
    held = Lock.objects.filter(seen, released_at=None).filter(Q(until=None) | Q(until__gt=now))
    return held.select_related("service", "environment", "holder", "rollout")


def _by_place(rollouts: Iterable[Rollout]) -> dict[Place, Rollout]:
    return {(rollout.service_id, rollout.environment_id): rollout for rollout in rollouts}
