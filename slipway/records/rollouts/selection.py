"""Who may take part in a rollout, and what is said of those who may not."""

from dataclasses import dataclass, field, replace

from slipway.core.instances import InstanceStatus
from slipway.core.names import shown
from slipway.core.refusal import Refused
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.refusals import HostInMaintenance, NothingToDo
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


def candidate_of(instance: Instance, to_version: Version | None) -> Candidate:
    """Return `instance` as it is now, on its way to `to_version`."""
    # What was never brought to life is nobody's way back.
    never_ran = instance.status == InstanceStatus.INSTALL_FAILED and to_version is not None
    return Candidate(
        host=instance.host,
        port=instance.port,
        instance=instance,
        from_version=None if never_ran else instance.version,
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


def in_maintenance(host: Host) -> HostInMaintenance:
    return HostInMaintenance(
        "{host} is in maintenance.",
        hint="End the maintenance first, or leave the host as it is.",
        host=host.name,
    )


def nothing_to_do(wish: Wish) -> NothingToDo:
    if wish.version is not None:
        return NothingToDo(
            "{version} runs already, healthy, everywhere it was asked for.",
            hint="To start its processes anew, restart the service.",
            version=wish.version.name,
        )
    return NothingToDo("Nothing is left to {kind}.", kind=wish.kind.value)


def listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(shown(name) for name in names[:5]) + more
