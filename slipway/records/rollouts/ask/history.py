"""What ran where and when, what runs now, and which version an environment stands for."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from slipway.core.hosts.place_status import PlaceWord
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import shown
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.queries import status_of
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.taking_part.withdrawals import refuse_withdrawn
from slipway.records.rollouts.wish.refusals import MixedVersions, NoInstances
from slipway.records.rollouts.wish.selection import is_well

Place = tuple[int, int]  # host id and port
_CHANGING = (*(kind for kind in RolloutKind if kind.moves_version), RolloutKind.DELETE)


@dataclass(frozen=True, slots=True)
class Stay:
    """A version's time in one place: it ran well there from `since` on. `until` None: it still
    should; then `seen_at` is when its instance was last looked at and found running it."""

    environment: str
    host: str
    port: int
    since: datetime
    until: datetime | None
    rollout: int  # that brought it
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunningVersion:
    """How many instances of an environment should run a version, how many of them are well, and
    how many have drifted from it."""

    environment: str
    version: str
    instances: int
    healthy: int
    drifted: int


class _Event(NamedTuple):
    """A rollout's change of one place."""

    host: int
    port: int
    host_name: str
    environment: str
    rollout: int
    kind: str
    state: str
    to_version: int | None
    at: datetime


def list_stays(
    service: str, version: NamedVersion, actor: Actor | None = None
) -> dict[str, list[Stay]]:
    """Return where and when `version` ran, by environment (in their order), the latest first."""
    events = _events(service, version)
    if actor is not None:
        events = [each for each in events if _may_see(actor, service, each.environment)]
    found: dict[Place, list[Stay]] = defaultdict(list)
    for event in events:
        _tell(found[event.host, event.port], event, version)
    now = _seen_running(version)
    stays = [_as_of_now(stay, now.get(place)) for place, of in found.items() for stay in of]
    names = Environment.objects.order_by("order", "name").values_list("name", flat=True)
    by_environment: dict[str, list[Stay]] = {name: [] for name in names}
    for stay in sorted(stays, key=lambda each: (each.since, each.host, each.port), reverse=True):
        by_environment[stay.environment].append(stay)
    return {name: of for name, of in by_environment.items() if of}


def running_versions(
    service: Service, actor: Actor | None = None, *, now: datetime
) -> Sequence[RunningVersion]:
    """Return what should run where, environment by environment, the commonest version first."""
    instances = Instance.objects.filter(service=service, version__isnull=False)
    if actor is not None:
        instances = instances.filter(
            actor.visible(service="service__name", environment="environment__name")
        )
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows = instances.select_related("service", "environment", "host", "version")
    for one in rows.order_by("environment__order", "environment__name", "-version__created_at"):
        assert one.version is not None, "asked for those that have one"
        count = counts[one.environment.name, one.version.name]
        is_drifted = status_of(one, now).word == PlaceWord.DRIFTED
        count.update(instances=1, healthy=is_well(one), drifted=is_drifted)
    order = list(dict.fromkeys(environment for environment, _ in counts))
    found = [
        RunningVersion(*names, of["instances"], of["healthy"], of["drifted"])
        for names, of in counts.items()
    ]
    return sorted(found, key=lambda each: (order.index(each.environment), -each.instances))


def get_running_version(service: Service, environment: Environment) -> Version:
    """Return the one version that all healthy instances in `environment` run: what is promoted
    from there. Raises NoInstances, MixedVersions, Withdrawn."""
    instances = Instance.objects.of(service, environment).filter(version__isnull=False)
    running = instances.filter(status=InstanceStatus.RUNNING)
    well = running.select_related("version")
    names = Counter(_what_runs(one) for one in well if is_well(one))
    if not names:
        raise NoInstances(
            "No instance of {service} is healthy in {environment}.",
            hint="Name the version, or bring {environment} to health first.",
            service=service.name,
            environment=environment.name,
        )
    name = next(iter(names))
    versions = Version.objects.select_related("service", "package")
    version = versions.filter(service=service, name=name).first()
    if len(names) > 1 or version is None:
        raise MixedVersions(
            "{service} does not run one version in {environment}: {mix}.",
            hint="Name the version, or bring {environment} to one first.",
            service=service.name,
            environment=environment.name,
            mix=", ".join(f"{shown(name)} ({count})" for name, count in names.most_common(10)),
        )
    refuse_withdrawn(version, environment)
    return version


def _events(service: str, version: NamedVersion) -> list[_Event]:
    """Return every change of every place where the version was once, in their order."""
    there = Target.objects.filter(to_version=version.id, state=TargetStatus.SUCCEEDED)
    rows = Target.objects.filter(
        Q(state=TargetStatus.SUCCEEDED) | Q(touched=True),
        rollout__service__name=service,
        rollout__kind__in=_CHANGING,
        host__in=there.values("host"),
        finished_at__isnull=False,
    )
    columns = (
        "host", "port", "host__name", "rollout__environment__name",
        "rollout", "rollout__kind", "state", "to_version", "finished_at",
        "started_at", "from_version",
    )  # fmt: skip
    found: list[_Event] = []
    for *row, began_at, came_from in rows.order_by("finished_at", "id").values_list(*columns):
        found += _changes(_Event(*row), began_at, came_from)
    return found


def _changes(event: _Event, began_at: datetime | None, came_from: int | None) -> list[_Event]:
    """A place that was taken back left what it was at, and came to it again."""
    if event.state != TargetStatus.TAKEN_BACK:
        return [event]
    left = event._replace(state=TargetStatus.FAILED, at=began_at or event.at)
    came = event._replace(
        kind=RolloutKind.REVERT, state=TargetStatus.SUCCEEDED, to_version=came_from
    )
    return [left, came]


def _tell(stays: list[Stay], event: _Event, version: NamedVersion) -> None:
    """Continue the story of one place: a stay begins, or the last one ends."""
    is_there = event.state == TargetStatus.SUCCEEDED and event.to_version == version.id
    stays_on = bool(stays) and stays[-1].until is None
    if is_there and event.kind != RolloutKind.DELETE:
        if not stays_on:
            place = (event.environment, event.host_name, event.port)
            stays.append(Stay(*place, since=event.at, until=None, rollout=event.rollout))
    elif stays_on:
        stays[-1] = replace(stays[-1], until=event.at)


def _as_of_now(stay: Stay, seen_at: datetime | None) -> Stay:
    return stay if stay.until is not None or seen_at is None else replace(stay, seen_at=seen_at)


def _seen_running(version: NamedVersion) -> dict[Place, datetime | None]:
    """Return when each place that should run it was last seen to."""
    rows = Instance.objects.filter(version=version.id, seen_version=version.name)
    return {(host, port): at for host, port, at in rows.values_list("host", "port", "seen_at")}


def _what_runs(instance: Instance) -> str:
    """Return what was seen running, or what should run where nobody has looked yet."""
    wanted = instance.version.name if instance.version else ""
    return instance.seen_version or wanted


def _may_see(actor: Actor, service: str, environment: str) -> bool:
    return actor.may(Action.VIEW, service=service, environment=environment)
