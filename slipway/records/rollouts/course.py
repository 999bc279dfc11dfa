"""All that a driver needs to know of a rollout, read at once, as values."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from slipway.core.kinds import RolloutKind
from slipway.core.layout import InstanceContext
from slipway.core.retention import releases_to_keep
from slipway.core.rollout.status import TargetStatus
from slipway.core.spec import ReleaseSpec
from slipway.core.steps import PackageRef
from slipway.ports import HostAccess
from slipway.records.catalog import queries as catalog
from slipway.records.catalog.models import Version
from slipway.records.fleet import queries as fleet
from slipway.records.rollouts.models import Rollout, Step, Target


@dataclass(frozen=True, slots=True)
class TargetCourse:
    """One target's way: from where, to where, by which steps.

    `begun` are the tickets of the attempt under way, in their order, when a driver before this one
    has already begun it.
    """

    id: int
    host_id: int
    host: str
    action: RolloutKind
    context: InstanceContext
    access: HostAccess
    from_version: str
    to_version: str
    spec: ReleaseSpec
    old_spec: ReleaseSpec | None
    package: PackageRef | None
    tools: tuple[str, ...]
    keep: tuple[str, ...]
    state: TargetStatus
    batch: int
    attempts: int
    begun: tuple[tuple[str, str], ...] = ()  # (name, ticket)

    @property
    def needs_a_look(self) -> bool:
        """Whether the host must be looked at before anything is sent to it: a package may have to
        be moved. Going back, restarting, stopping find what they need there, or say so."""
        return self.action in (RolloutKind.DEPLOY, RolloutKind.UPGRADE, RolloutKind.DELETE)


@dataclass(frozen=True, slots=True)
class Course:
    """A rollout as its driver sees it. `stamp` makes ticket names unique across installations:
    rollouts are counted from 1 again after a database was made anew, hosts remember tickets."""

    rollout_id: int
    service_id: int
    service: str
    environment: str
    kind: RolloutKind
    version: str
    automatic_rollback: bool
    automatic: bool
    stamp: str
    targets: tuple[TargetCourse, ...]

    def target(self, target_id: int) -> TargetCourse:
        return next(target for target in self.targets if target.id == target_id)

    def with_started(self, target_ids: Collection[int]) -> "Course":
        """The same course after these targets were begun with for the first time."""
        return replace(
            self,
            targets=tuple(
                replace(target, state=TargetStatus.RUNNING, attempts=1)
                if target.id in target_ids
                else target
                for target in self.targets
            ),
        )


def get_course(rollout_id: int) -> Course:
    """Read a rollout for driving. Five queries, however many targets."""
    rollout = Rollout.objects.select_related("service", "environment", "version").get(pk=rollout_id)
    targets = list(
        Target.objects.filter(rollout=rollout)
        .select_related(
            "host__environment",
            "host__key",
            "instance__previous_version",
            "from_version__package",
            "to_version__package",
        )
        .order_by("batch", "id")
    )
    begun: dict[int, list[Step]] = {}
    for step in Step.objects.filter(target__rollout=rollout).order_by("order", "id"):
        begun.setdefault(step.target_id, []).append(step)
    reading = _Reading(rollout, _versions_put_there(rollout, targets))
    return Course(
        rollout_id=rollout.pk,
        service_id=rollout.service_id,
        service=rollout.service.name,
        environment=rollout.environment.name,
        kind=RolloutKind(rollout.kind),
        version=rollout.version.name if rollout.version else "",
        automatic_rollback=rollout.automatic_rollback,
        automatic=rollout.automatic,
        stamp=f"{int(rollout.created_at.timestamp()):x}",
        targets=tuple(reading.target(target, begun.get(target.pk, [])) for target in targets),
    )


class _Reading:
    """Remembers what targets share, so that fifty targets parse one spec, not fifty."""

    def __init__(self, rollout: Rollout, put_there: dict[int, list[str]]) -> None:
        self._rollout = rollout
        self._put_there = put_there
        self._specs: dict[int, ReleaseSpec] = {}
        self._accesses: dict[int, HostAccess] = {}

    def target(self, target: Target, steps: list[Step]) -> TargetCourse:
        new, old = target.to_version, target.from_version
        used = new or old
        assert used is not None, "a target goes from a version, or to one"
        attempt = [step for step in steps if step.attempt == target.attempts]
        instance = target.instance
        spec = self._spec(used)
        return TargetCourse(
            id=target.pk,
            host_id=target.host_id,
            host=target.host.name,
            action=self._action(target),
            context=InstanceContext(
                service=self._rollout.service.name,
                environment=self._rollout.environment.name,
                host=target.host.name,
                root=target.host.root,
                address=target.host.address,
                port=target.port or None,
                weight=instance.weight if instance else 100,
                tag=instance.tag if instance else "",
            ),
            access=self._access(target),
            from_version=old.name if old else "",
            to_version=new.name if new else "",
            spec=spec,
            old_spec=self._spec(old) if old else None,
            package=catalog.get_package_ref(new) if new else None,
            tools=tuple(target.host.facts.get("tools", ())),
            keep=self._kept(target, spec),
            state=TargetStatus(target.state),
            batch=target.batch,
            attempts=target.attempts,
            begun=tuple((step.name, step.ticket) for step in attempt),
        )

    def _action(self, target: Target) -> RolloutKind:
        kind = RolloutKind(self._rollout.kind)
        if kind is RolloutKind.REVERT and target.to_version is None:
            return RolloutKind.DELETE  # going back to before the deploy: nothing was there
        if kind is RolloutKind.REVERT and target.from_version is None:
            return RolloutKind.DEPLOY
        return kind

    def _spec(self, version: Version) -> ReleaseSpec:
        if version.pk not in self._specs:
            self._specs[version.pk] = catalog.get_release_spec(self._rollout.service, version)
        return self._specs[version.pk]

    def _kept(self, target: Target, spec: ReleaseSpec) -> tuple[str, ...]:
        """Versions whose releases stay on the host: the newest few, and the way back always."""
        previous = target.instance.previous_version if target.instance else None
        named = (target.to_version, target.from_version, previous)
        return releases_to_keep(
            self._put_there.get(target.host_id, []),
            [version.name for version in named if version],
            spec.keep_releases,
        )

    def _access(self, target: Target) -> HostAccess:
        if target.host_id not in self._accesses:
            self._accesses[target.host_id] = fleet.get_access(target.host)
        return self._accesses[target.host_id]


def _versions_put_there(rollout: Rollout, targets: list[Target]) -> dict[int, list[str]]:
    """The versions of the service that each host has had, newest first."""
    rows = (
        Target.objects.filter(
            rollout__service=rollout.service,
            host__in={target.host_id for target in targets},
            state=TargetStatus.SUCCEEDED,
            to_version__isnull=False,
        )
        .order_by("-finished_at")
        .values_list("host_id", "to_version__name")
    )
    versions: dict[int, list[str]] = {}
    for host_id, name in rows[: 200 * max(len(targets), 1)]:
        had = versions.setdefault(host_id, [])
        if name not in had:
            had.append(name)
    return versions


__all__ = ["Course", "TargetCourse", "get_course"]
