"""Which instances take part in a rollout, from which version to which, and who is left out why."""

from collections.abc import Callable, Iterable, Iterator

from django.db.models import QuerySet

from slipway.core.instances import FAILED, InstanceStatus
from slipway.core.kinds import RolloutKind
from slipway.core.rollout.status import TargetStatus
from slipway.records.catalog.models import Service, Version
from slipway.records.fields.texts import is_storable
from slipway.records.fleet.models import HostState, Instance
from slipway.records.fleet.operations.instances import locked
from slipway.records.rollouts.deploys import select_for_deploy
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.refusals import (
    NoEarlierVersion,
    UnknownHost,
    VersionNeeded,
)
from slipway.records.rollouts.selection import (
    Candidate,
    Selection,
    candidate_of,
    in_maintenance,
    is_well,
    listed,
    nothing_to_do,
    runs,
)
from slipway.records.rollouts.wishes import Wish


def select(wish: Wish) -> Selection:
    """Return who takes part in an operation on instances as they are now."""
    if wish.kind is RolloutKind.DEPLOY:
        return select_for_deploy(wish)
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
    if wish.goes_back and wish.version is not None:
        _refuse_strangers(wish, selection)
    return selection


Goal = Callable[[Wish, Instance, Selection], "Candidate | None"]


def _choose(chosen: list[Instance], goal: Goal, wish: Wish, selection: Selection) -> None:
    before = len(selection.hindrances)
    for instance in chosen:
        candidate = goal(wish, instance, selection)
        if candidate is not None:
            selection.candidates.append(candidate)
    if chosen and not selection.candidates and len(selection.hindrances) == before:
        selection.refuse(nothing_to_do(wish))


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
    return candidate_of(instance, goal)


def _refuse_strangers(wish: Wish, selection: Selection) -> None:
    """Refuse going back to a version on a host where it never ran well."""
    rows = _ran_well(wish.service).filter(to_version=wish.version)
    known = set(rows.values_list("host", "port"))
    for candidate in selection.candidates:
        if (candidate.host.pk, candidate.port) not in known and wish.version:
            selection.refuse(
                NoEarlierVersion(
                    "{version} never ran well on {instance}.",
                    hint="Use upgrade to put a version there for the first time.",
                    version=wish.version.name,
                    instance=str(candidate.instance),
                )
            )
            return


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
    rows = _ran_well(instance.service).filter(host=instance.host_id, port=instance.port)
    newest = rows.select_related("to_version").order_by("-finished_at", "-id")
    return list(dict.fromkeys(row.to_version for row in newest if row.to_version))


def _ran_well(service: Service) -> QuerySet[Target]:
    """Return the targets that brought a version to life."""
    return Target.objects.filter(
        rollout__service=service,
        state=TargetStatus.SUCCEEDED,
        rollout__kind__in=(RolloutKind.DEPLOY, RolloutKind.UPGRADE, RolloutKind.REVERT),
        to_version__isnull=False,
    )


def _no_earlier(instance: Instance) -> NoEarlierVersion:
    return NoEarlierVersion(
        "{instance} has no earlier version that ran well.",
        hint="Upgrade it, or remove it.",
        instance=str(instance),
    )


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
                hosts=listed(missing),
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
            selection.refuse(in_maintenance(instance.host))
        elif resting:
            selection.mention(in_maintenance(instance.host))
        else:
            yield instance
