"""Questions about the whole fleet, answered in a number of queries that does not grow with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from slipway.core.finding.listings import ServiceState
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.words.instances import FAILED
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import SYSTEM, Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.queries.stars import is_starred_by
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.instance_facts import InstanceFacts, facts_of
from slipway.records.fleet.models import Host, HostCheck, HostState, Instance, InstanceQuerySet
from slipway.records.fleet.narrow import for_pages
from slipway.records.rollouts.ask.finding import services_asked_for, with_state
from slipway.records.rollouts.ask.parts import list_targets_of
from slipway.records.rollouts.ask.queries import with_names
from slipway.records.rollouts.histories.time_left import times_left_of
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout, Target
from slipway.records.rollouts.wish.gates import LockFacts
from slipway.records.rows.facts import read_as
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.finding.labels import LabelValue
from slipway.records.rows.pages import BY_NAME, Bookmark, Order, Page, Stretch

_SEEN = {"service": "service__name", "environment": "environment__name"}
Place = tuple[str, str]  # a service and an environment
WENT_WRONG = (RolloutStatus.HALTED, RolloutStatus.PARTIAL)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many targets of a rollout are in which state, and between which versions they move."""

    states: Counter[str] = field(default_factory=Counter)
    from_versions: frozenset[str] = frozenset()
    to_versions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListedRollout:
    """A rollout as lists tell of it; `version` None: each place has its own. `left` is None where
    nobody knows, or asked."""

    id: int
    kind: str
    service: str
    environment: str
    state: str
    version: NamedVersion | None
    by: str
    outcome: Sentence | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: Progress
    left: TimeLeft | None = None


class Latest(NamedTuple):
    """When the newest rollout of a place ended, or began where it has not; and who wanted it."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is to say of some services, by service and environment; `versions` with how many
    instances each should run on, the commonest first."""

    instances: dict[Place, list[InstanceFacts]]
    versions: dict[Place, dict[NamedVersion, int]]
    active: dict[Place, ListedRollout]
    latest: dict[Place, Latest]
    locks: dict[Place, LockFacts]


def find_services(
    actor: Actor,
    asking: Asking,
    limit: int,
    at: Bookmark,
    order: Order = BY_NAME,
    without: Sequence[Service] = (),
) -> Stretch[Service]:
    """Return the services that `actor` may see and asks for, from a place on; those `without` stand
    elsewhere."""
    found = _asked_for(actor, asking)
    if without:
        found = found.exclude(pk__in=[each.pk for each in without])
    return Stretch(found, order, limit, at)


def list_starred(actor: Actor, limit: int, asking: Asking | None = None) -> list[Service]:
    """Return the services that `actor` has starred, may see and asks for, by name."""
    if actor.user is None:
        return []
    return list(_asked_for(actor, asking).filter(is_starred_by(actor)).order_by("name")[:limit])


def count_by_label(actor: Actor, asking: Asking, label: str) -> dict[str | None, int]:
    """Return how many of the services that `actor` may see and asks for have which value of a
    label; None: not that label."""
    found = _asked_for(actor, asking).order_by().values_list(LabelValue("labels", label))
    return dict(found.annotate(Count("pk")))


def _asked_for(actor: Actor, asking: Asking | None) -> QuerySet[Service]:
    seen = Service.objects.filter(actor.visible(service="name"))
    seen = seen.defer("hook_secret", "build", "spec")
    return services_asked_for(seen, asking, actor) if asking else seen


def count_services(actor: Actor) -> int:
    """Return how many services `actor` may see."""
    return Service.objects.filter(actor.visible(service="name")).count()


def count_services_by_state(
    actor: Actor, states: Iterable[ServiceState], now: datetime
) -> dict[ServiceState, int]:
    """Return how many of them stand in each of these ways."""
    seen = Service.objects.filter(actor.visible(service="name"))
    return {state: seen.filter(with_state(actor, [state], now)).count() for state in states}


def get_overview(actor: Actor, services: Sequence[str], now: datetime) -> Overview:
    """Return instances, running and latest rollouts and locks of `services`."""
    there = Instance.objects.filter(actor.visible(**_SEEN), service__name__in=services)
    instances: dict[Place, list[InstanceFacts]] = defaultdict(list)
    for facts in facts_of(there.order_by("host__name", "port"), now):
        instances[facts.service, facts.environment].append(facts)
    rollouts = _rollouts(actor).filter(service__name__in=services)
    active = list_rollouts_told(rollouts.filter(UNDER_WAY), now)
    newest = rollouts.order_by().values("service", "environment").annotate(newest=Max("id"))
    latest = Rollout.objects.filter(pk__in=newest.values("newest")).values_list(
        *("service__name", "environment__name", "created_at", "finished_at"),
        "created_by__username",
    )
    locks = map(LockFacts.of, _held(actor, now).filter(service__name__in=services))
    return Overview(
        dict(instances),
        {place: _versions_at(found) for place, found in instances.items()},
        {(each.service, each.environment): each for each in active},
        {(s, e): Latest(ended or begun, by or SYSTEM) for s, e, begun, ended, by in latest},
        {(lock.service, lock.environment): lock for lock in locks},
    )


def _versions_at(instances: Iterable[InstanceFacts]) -> dict[NamedVersion, int]:
    counts = Counter(each.version.id for each in instances if each.version)
    named = {each.version.id: each.version for each in instances if each.version}
    return {named[number]: count for number, count in counts.most_common()}


def list_rollouts_told(
    rollouts: Iterable[Rollout], now: datetime | None = None
) -> list[ListedRollout]:
    """Return rollouts, whose names are loaded, as lists tell of them; two queries more. With `now`
    also how long those that are under way still take; three more where any is."""
    found = list(rollouts)
    progress = _progress([rollout.pk for rollout in found])
    going = [each for each in found if each.finished_at is None] if now else []
    targets = list_targets_of(going) if going else {}
    left = times_left_of([(each, targets[each.pk]) for each in going], now) if now else {}
    return [
        read_as(
            ListedRollout,
            each,
            service=each.service.name,
            environment=each.environment.name,
            version=NamedVersion.of(each.version) if each.version else None,
            by=each.created_by.get_username() if each.created_by else SYSTEM,
            progress=progress[each.pk],
            left=left.get(each.pk),
        )
        for each in found
    ]


def _progress(ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of each rollout, by its id."""
    targets = Target.objects.filter(rollout__in=ids).order_by()
    columns = ("rollout", "state", "from_version", "to_version")
    rows = list(targets.values_list(*columns).annotate(Count("id")))
    # Named here: beside each target there would be as many rows again to be looked up.
    numbers = {number for row in rows for number in row[2:4] if number}
    names = dict(Version.objects.filter(pk__in=numbers).values_list("pk", "name"))
    states: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    before: dict[int, set[str]] = {pk: set() for pk in ids}
    after: dict[int, set[str]] = {pk: set() for pk in ids}
    for pk, state, from_version, to_version, count in rows:
        states[pk][state] += count
        before[pk].add(names.get(from_version, ""))
        after[pk].add(names.get(to_version, ""))
    return {pk: Progress(states[pk], frozenset(before[pk]), frozenset(after[pk])) for pk in ids}


def environments_with(service: str, version: str) -> set[str]:
    """Return the environments where any instance is to run a version."""
    there = Instance.objects.filter(service__name=service, version__name=version)
    return set(there.values_list("environment__name", flat=True))


def list_active(actor: Actor) -> Sequence[Rollout]:
    """Return the rollouts that are not over, the newest first."""
    return list(_rollouts(actor).filter(UNDER_WAY).order_by("-id"))


def list_gone_wrong(
    actor: Actor, since: datetime, limit: int = 20, offset: int = 0
) -> Page[Rollout]:
    """Return the rollouts that ended badly after `since` and that no other one of their service has
    followed there: what those of production left comes first, then the newest."""
    order = ("-environment__order", "-finished_at", "-id")
    return Page(_gone_wrong(actor, since).order_by(*order), limit, offset)


def _gone_wrong(actor: Actor, since: datetime) -> QuerySet[Rollout]:
    later = Rollout.objects.filter(
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        pk__gt=OuterRef("pk"),
        started_at__isnull=False,
    )
    ended = _rollouts(actor).filter(state__in=WENT_WRONG, finished_at__gte=since)
    return ended.filter(~Exists(later.exclude(state=RolloutStatus.CANCELLED)))


def list_not_as_wanted(
    actor: Actor, told_since: datetime, limit: int = 20, offset: int = 0
) -> Page[Instance]:
    """Return the instances that failed, are ill, or run another version than the one wanted; those
    that do not serve first, and of them those of production. What a rollout left as failed is told
    with that rollout, where that ended after `told_since` and is still open."""
    working = Rollout.objects.filter(
        UNDER_WAY,
        service=F("targets__instance__service"),
        targets__instance__isnull=False,
    )
    busy = working.values("targets__instance")
    told = Target.objects.filter(
        rollout__in=_gone_wrong(actor, told_since).values("pk"), instance__isnull=False
    ).exclude(state=TargetStatus.SUCCEEDED)
    found = _instances(actor).not_as_wanted().exclude(pk__in=busy)
    found = found.exclude(status__in=FAILED, pk__in=told.values("instance"))
    is_bad = Q(status__in=FAILED) | Q(healthy=False)
    is_milder = Case(When(is_bad, then=Value(0)), default=Value(1))
    order = ("-environment__order", "service__name", "host__name", "port")
    return Page(found.order_by(is_milder, *order), limit, offset, is_rare=True)


def list_unreachable(actor: Actor, limit: int = 20, offset: int = 0) -> Page[Host]:
    """Return the hosts that could not be reached when they were last looked at."""
    hosts = Host.objects.filter(actor.visible(environment="environment__name"))
    named = hosts.select_related("environment", "key").defer("key__private_key")
    return Page(named.filter(state=HostState.UNREACHABLE).order_by("name"), limit, offset)


def count_fleet(actor: Actor) -> tuple[int, int]:
    """Return how many hosts and how many instances `actor` may see."""
    hosts = Host.objects.filter(actor.visible(environment="environment__name"))
    return hosts.count(), _instances(actor).count()


def get_last_check(host: Host) -> HostCheck | None:
    """Return the newest wish to look at `host`, finished or not."""
    return HostCheck.objects.filter(host=host).order_by("-id").first()


def _instances(actor: Actor) -> InstanceQuerySet:
    return for_pages(Instance.objects.filter(actor.visible(**_SEEN)))


def _rollouts(actor: Actor) -> QuerySet[Rollout]:
    return with_names(Rollout.objects.filter(actor.visible(**_SEEN)))


def _held(actor: Actor, now: datetime) -> QuerySet[Lock]:
    held = Lock.objects.in_force(now).filter(actor.visible(**_SEEN))
    return held.select_related("service", "environment", "holder")
