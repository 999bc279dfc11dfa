"""What a rollout does on one host: the ordered steps of one target, as values."""

from datetime import timedelta

from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import PackageRef
from slipway.core.release.timed_steps import Change, Steps, TimedStep
from slipway.core.spec.values import ReleaseSpec

# Before any of these has begun, the instance still is what it was.
DISTURBING = frozenset({"drain", "switch", "restart", "start", "stop", "remove"})


def limit_of(steps: tuple[TimedStep, ...], spec: ReleaseSpec) -> timedelta:
    """Return the least that a target needs to be given: the limits of its steps, in which the
    probe's has the healthy deadline, and the time for which it is to be healthy."""
    return sum((step.timeout for step in steps), spec.health.min_healthy_time)


def activate(
    ctx: InstanceContext, spec: ReleaseSpec, change: Change, package: PackageRef | None = None
) -> tuple[TimedStep, ...]:
    """Bring `to_version` onto the instance and prove that it is well."""
    steps = Steps(ctx, spec, change, change.to_version)
    return (
        *steps.unpack(package),
        *steps.before_activate(),
        # An instance that is not there yet gets no traffic to be taken away.
        *(steps.hook("drain") if change.from_version else ()),
        steps.receipt(),
        steps.switch(),
        steps.restart(owes=spec.scripts.after_activate is not None),
        steps.probe(),
        *steps.hook("after_activate"),
        # Also what another release has drained: this may be the way back from it.
        steps.undrain(),
        steps.prune(),
    )


def restart(
    ctx: InstanceContext, spec: ReleaseSpec, change: Change, package: PackageRef | None = None
) -> tuple[TimedStep, ...]:
    """Start its processes anew, with settings, weight and tag as the plan says: the switch to the
    version that is there writes environment and unit. `package` is given where files of the
    release were changed."""
    steps = Steps(ctx, spec, change, change.from_version or change.to_version)
    return (
        *steps.unpacked_anew(package),
        *steps.hook("drain"),
        steps.receipt(),
        steps.switch(),
        steps.restart(),
        steps.probe(),
        steps.undrain(),
    )


def stop(ctx: InstanceContext, spec: ReleaseSpec, change: Change) -> tuple[TimedStep, ...]:
    steps = Steps(ctx, spec, change, change.from_version or change.to_version)
    return (*steps.hook("drain"), steps.receipt(), steps.stop())


def start(
    ctx: InstanceContext, spec: ReleaseSpec, change: Change, package: PackageRef | None = None
) -> tuple[TimedStep, ...]:
    steps = Steps(ctx, spec, change, change.from_version or change.to_version)
    return (
        *steps.unpacked_anew(package),
        steps.receipt(),
        steps.switch(),
        steps.start(),
        steps.probe(),
        steps.undrain(),
    )


def rest(
    ctx: InstanceContext, spec: ReleaseSpec, change: Change, package: PackageRef | None = None
) -> tuple[TimedStep, ...]:
    """Switch an instance that a person has stopped to `to_version`, and keep it down.

    The release is prepared as for any other, so that it can be started later; nothing is started,
    proven or announced. The stop behind the switch leaves nothing that runs, and nothing that the
    next boot would start.
    """
    steps = Steps(ctx, spec, change, change.to_version)
    return (
        *steps.unpack(package),
        *steps.before_activate(),
        steps.receipt(),
        steps.switch(),
        steps.stop(),
        steps.prune(),
    )


def finish(ctx: InstanceContext, spec: ReleaseSpec, change: Change) -> tuple[TimedStep, ...]:
    """Do what is owed where the release runs already: its proof and its hooks, nothing else."""
    steps = Steps(ctx, spec, change, change.to_version or change.from_version)
    return (
        steps.receipt(),
        steps.probe(),
        *steps.hook("after_activate"),
        steps.undrain(),
    )


def remove(ctx: InstanceContext, spec: ReleaseSpec, change: Change) -> tuple[TimedStep, ...]:
    steps = Steps(ctx, spec, change, change.from_version or change.to_version)
    return (
        *steps.hook("drain"),
        steps.stop(),
        steps.receipt(),
        # Whoever takes its place is not to find the door shut.
        steps.undrain(),
        steps.remove(),
    )
