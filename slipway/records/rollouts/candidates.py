"""Which instances take part in a rollout, from which version to which, and who is left out why."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from django.db.models import Q

from slipway.core.instances import FAILED, InstanceStatus
from slipway.core.kinds import RolloutKind
from slipway.core.names import shown
from slipway.core.refusal import Refused
from slipway.core.rollout import TargetStatus
from slipway.records.catalog.models import Version
from slipway.records.fields.texts import is_storable
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations.instances import locked
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.refusals import (
    HostInMaintenance,
    InstanceExists,
    NoEarlierVersion,
    NothingToDo,
    PortTaken,
    UnknownHost,
    VersionNeeded,
)
from slipway.records.rollouts.wishes import Wish


@dataclass(frozen=True, slots=True)
class Candidate:
    """A host (and port) that will be a target."""

    host: Host
    port: int
    instance: Instance | None = None
    from_version: Version | None = None
    to_version: Version | None = None
    was_healthy: bool = True
    was_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stands in the way; one that does not block only leaves somebody out, or warns."""

    refusal: Refused
    blocking: bool = True


@dataclass(slots=True)
class Selection:
    candidates: list[Candidate] = field(default_factory=list)
    hindrances: list[Hindrance] = field(default_factory=list)

    def refuse(self, refusal: Refused) -> None:
        self.hindrances.append(Hindrance(refusal))

    def insist(self) -> None:
        """Without anybody to begin with, what was only mentioned is why."""
        if not self.candidates and not any(each.blocking for each in self.hindrances):
            self.hindrances[:1] = [replace(each, blocking=True) for each in self.hindrances[:1]]

    def mention(self, refusal: Refused) -> None:
        self.hindrances.append(Hindrance(refusal, blocking=False))


def select(wish: Wish) -> Selection:
    """Return who takes part in an operation on instances as they are now."""
    if wish.kind is RolloutKind.DEPLOY:
        return _select_for_deploy(wish)
    selection = Selection()
    if wish.kind is RolloutKind.UPGRADE and wish.version is None:
        selection.refuse(VersionNeeded("Say which version to upgrade to."))
        return selection
    instances = _instances(wish, selection)
    goals = {
        RolloutKind.UPGRADE: _upgraded,
        RolloutKind.REVERT: _reverted,
        RolloutKind.RESTART: _restarted,
        RolloutKind.STOP: _stopped,
        RolloutKind.START: _started,
        RolloutKind.DELETE: _deleted,
    }
    chosen = list(_available(instances, wish, selection))
    _choose(chosen, goals[wish.kind], wish, selection)
    return selection


Goal = Callable[[Wish, Instance, Selection], "Candidate | None"]


def _choose(chosen: list[Instance], goal: Goal, wish: Wish, selection: Selection) -> None:
    before = len(selection.hindrances)
    for instance in chosen:
        candidate = goal(wish, instance, selection)
        if candidate is not None:
            selection.candidates.append(candidate)
    if chosen and not selection.candidates and len(selection.hindrances) == before:
        selection.refuse(_nothing_to_do(wish))


def candidate_of(instance: Instance, to_version: Version | None) -> Candidate:
    """Return `instance` as it is now, on its way to `to_version`."""
    return Candidate(
        host=instance.host,
        port=instance.port,
        instance=instance,
        from_version=instance.version,
        to_version=to_version,
        was_healthy=is_well(instance),
        was_stopped=instance.status == InstanceStatus.STOPPED,
    )


def is_well(instance: Instance) -> bool:
    """Whether the instance serves, as far as anybody knows."""
    return instance.status == InstanceStatus.RUNNING and instance.healthy is not False


def runs(instance: Instance, version: Version | None) -> bool:
    """Whether `version` is what the instance should run, and does, and is well."""
    return (
        is_well(instance)
        and instance.version_id == (version.pk if version else None)
        and (version is None or instance.seen_version in ("", version.name))
    )


# --- one goal per kind of operation --------------------------------------------------------------


def _upgraded(wish: Wish, instance: Instance, _selection: Selection) -> Candidate | None:
    return None if runs(instance, wish.version) else candidate_of(instance, wish.version)


def _reverted(wish: Wish, instance: Instance, selection: Selection) -> Candidate | None:
    # After a failed upgrade `version` still is what ran well last: that is where back leads to.
    is_broken = instance.status in FAILED
    back = instance.version if is_broken else instance.previous_version
    goal = wish.version or back
    if goal is None or instance.status == InstanceStatus.INSTALL_FAILED:
        selection.mention(_no_earlier(instance))
        return None
    if wish.version is not None and runs(instance, wish.version):
        return None
    if wish.version is not None and wish.version not in versions_that_ran(instance):
        selection.refuse(
            NoEarlierVersion(
                "{version} never ran well on {instance}.",
                hint="Use upgrade to put a version there for the first time.",
                version=wish.version.name,
                instance=str(instance),
            )
        )
        return None
    return candidate_of(instance, goal)


def _restarted(_wish: Wish, instance: Instance, _selection: Selection) -> Candidate | None:
    if instance.status in (InstanceStatus.STOPPED, InstanceStatus.INSTALL_FAILED):
        return None
    return candidate_of(instance, instance.version)


def _stopped(_wish: Wish, instance: Instance, _selection: Selection) -> Candidate | None:
    if instance.status == InstanceStatus.STOPPED:
        return None
    return candidate_of(instance, instance.version)


def _started(_wish: Wish, instance: Instance, _selection: Selection) -> Candidate | None:
    if is_well(instance) or instance.status == InstanceStatus.INSTALL_FAILED:
        return None
    return candidate_of(instance, instance.version)


def _deleted(_wish: Wish, instance: Instance, _selection: Selection) -> Candidate | None:
    return candidate_of(instance, None)


def versions_that_ran(instance: Instance) -> list[Version]:
    """Return the versions that ran well in this place, the latest first."""
    rows = Target.objects.filter(
        host=instance.host_id,
        port=instance.port,
        rollout__service=instance.service_id,
        state=TargetStatus.SUCCEEDED,
        rollout__kind__in=(RolloutKind.DEPLOY, RolloutKind.UPGRADE, RolloutKind.REVERT),
        to_version__isnull=False,
    )
    newest = rows.select_related("to_version").order_by("-finished_at", "-id")
    return list(dict.fromkeys(row.to_version for row in newest if row.to_version))


def _no_earlier(instance: Instance) -> NoEarlierVersion:
    return NoEarlierVersion(
        "{instance} has no earlier version that ran well.",
        hint="Upgrade it, or remove it.",
        instance=str(instance),
    )


def _nothing_to_do(wish: Wish) -> NothingToDo:
    if wish.version is not None:
        return NothingToDo(
            "{version} runs already, healthy, everywhere it was asked for.",
            hint="To start its processes anew, restart the service.",
            version=wish.version.name,
        )
    return NothingToDo("Nothing is left to {kind}.", kind=wish.kind.value)


# --- who is there --------------------------------------------------------------------------------


def _instances(wish: Wish, selection: Selection) -> list[Instance]:
    instances = Instance.objects.of(wish.service, wish.environment).with_names()
    if wish.port:
        instances = instances.filter(port=wish.port)
    if wish.hosts:
        instances = instances.filter(host__name__in=[n for n in wish.hosts if is_storable(n)])
    found = list(instances.order_by("host__name", "port"))
    missing = sorted(set(wish.hosts) - {instance.host.name for instance in found})
    if missing:
        selection.refuse(
            UnknownHost(
                "{service} is not on {hosts} in {environment}.",
                hint="Take them out, or deploy it there first.",
                service=wish.service.name,
                hosts=_listed(missing),
                environment=wish.environment.name,
            )
        )
    return found


def _available(
    instances: Iterable[Instance], wish: Wish, selection: Selection
) -> Iterator[Instance]:
    """Yield those that may be touched. Who was named is refused, who was not is left out."""
    for instance in instances:
        resting = instance.host.state == HostState.MAINTENANCE or instance.is_maintain
        if instance.locked_at is not None:
            selection.refuse(locked(instance))
        elif resting and instance.host.name in wish.hosts:
            selection.refuse(_in_maintenance(instance.host))
        elif resting:
            selection.mention(_in_maintenance(instance.host))
        else:
            yield instance


def _in_maintenance(host: Host) -> HostInMaintenance:
    return HostInMaintenance(
        "{host} is in maintenance.",
        hint="End the maintenance first, or leave the host as it is.",
        host=host.name,
    )


# --- deploy: where nothing is yet ----------------------------------------------------------------


def _select_for_deploy(wish: Wish) -> Selection:
    selection = Selection()
    if wish.version is None:
        selection.refuse(VersionNeeded("Say which version to deploy."))
    if not wish.hosts:
        selection.refuse(UnknownHost("Say which hosts to deploy to.", hint="--hosts web-1,web-2"))
    if selection.hindrances:
        return selection
    hosts = _named_hosts(wish, selection)
    there = _instances_on(hosts, wish)
    for host in hosts:
        if host.state == HostState.MAINTENANCE:
            selection.refuse(_in_maintenance(host))
        elif instance := there.get(host.pk):
            _deploy_again(wish, instance, selection)
        else:
            # Nothing serves there yet, so beginning there takes nothing away.
            fresh = Candidate(host, wish.port, to_version=wish.version, was_healthy=False)
            selection.candidates.append(fresh)
    if not selection.candidates and not any(each.blocking for each in selection.hindrances):
        selection.refuse(_nothing_to_do(wish))
    return selection


def _deploy_again(wish: Wish, instance: Instance, selection: Selection) -> None:
    if instance.locked_at is not None:
        selection.refuse(locked(instance))
    elif instance.status == InstanceStatus.INSTALL_FAILED:
        selection.candidates.append(
            Candidate(
                instance.host, instance.port, instance, to_version=wish.version, was_healthy=False
            )
        )
    else:
        refusal = InstanceExists(
            "{service} is on {host} already, version {version}.",
            hint="Use upgrade to change its version.",
            service=wish.service.name,
            host=instance.host.name,
            version=instance.version.name if instance.version else "unknown",
        )
        same = runs(instance, wish.version)
        selection.hindrances.append(Hindrance(refusal, blocking=not same))


def _named_hosts(wish: Wish, selection: Selection) -> list[Host]:
    names = list(dict.fromkeys(wish.hosts))
    hosts = Host.objects.select_related("environment").filter(
        name__in=[name for name in names if is_storable(name)], environment=wish.environment
    )
    found = {host.name: host for host in hosts}
    missing = [name for name in names if name not in found]
    if missing:
        selection.refuse(
            UnknownHost(
                "There is no host {hosts} in {environment}.",
                hint="Add it first, or take it out.",
                hosts=_listed(missing),
                environment=wish.environment.name,
            )
        )
    return [found[name] for name in names if name in found]


def _instances_on(hosts: list[Host], wish: Wish) -> dict[int, Instance]:
    on_port = Instance.objects.with_names().filter(
        Q(host__in=[host.pk for host in hosts]), service=wish.service, port=wish.port
    )
    return {instance.host_id: instance for instance in on_port}


def refuse_taken_ports(wish: Wish, selection: Selection) -> None:
    """Refuse a deploy to a port that another service has on the host."""
    if wish.kind is not RolloutKind.DEPLOY or not wish.port:
        return
    hosts = [candidate.host.pk for candidate in selection.candidates]
    others = Instance.objects.with_names().filter(host__in=hosts, port=wish.port)
    for other in others.exclude(service=wish.service):
        selection.refuse(
            PortTaken(
                "Port {port} of {host} belongs to {service}.",
                hint="Choose another port.",
                port=wish.port,
                host=other.host.name,
                service=other.service.name,
            )
        )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(shown(name) for name in names[:5]) + more
