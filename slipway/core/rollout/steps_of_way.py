"""Which steps bring a target about on its way."""

from slipway.core.release.layout import InstanceContext
from slipway.core.release.operations import activate, finish, remove, rest, restart, start, stop
from slipway.core.release.steps import PackageRef
from slipway.core.release.timed_steps import Change, TimedStep
from slipway.core.rollout.value.words import Way
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.kinds import RolloutKind


def steps_of_way(
    way: Way,
    ctx: InstanceContext,
    spec: ReleaseSpec,
    change: Change,
    package: PackageRef | None = None,
) -> tuple[TimedStep, ...]:
    """Return the ordered steps by which a target is brought about on `way`; `package` is given when
    the release is not on the host yet. Raises Invalid when the release spec does not say how to run
    or stop the service.

    What a stop or removal has taken away is brought back like anything else.
    """
    match way:
        case Way.BRING if change.kind is RolloutKind.RESTART:
            return restart(ctx, spec, change, package)
        case Way.BRING if change.kind in (RolloutKind.START, RolloutKind.STOP):
            return start(ctx, spec, change, package)
        case Way.BRING:
            return activate(ctx, spec, change, package)
        case Way.FINISH:
            return finish(ctx, spec, change)
        case Way.REST:
            return rest(ctx, spec, change, package)
        case Way.STOP:
            return stop(ctx, spec, change)
        case Way.REMOVE:
            return remove(ctx, spec, change)
