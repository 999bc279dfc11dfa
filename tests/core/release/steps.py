"""The steps of a rollout by the way that its kind goes first, and all names that they have."""

from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import PackageRef
from slipway.core.release.timed_steps import Change, TimedStep
from slipway.core.rollout.steps_of_way import steps_of_way
from slipway.core.rollout.value.words import Way
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.kinds import RolloutKind

STEP_NAMES = (
    "upload",
    "unpack",
    "before_activate",
    "drain",
    "receipt",
    "switch",
    "restart",
    "start",
    "stop",
    "probe",
    "after_activate",
    "undrain",
    "prune",
    "remove",
)
_WAYS = {RolloutKind.STOP: Way.STOP, RolloutKind.DELETE: Way.REMOVE}


def steps_of(
    ctx: InstanceContext, spec: ReleaseSpec, change: Change, package: PackageRef | None = None
) -> tuple[TimedStep, ...]:
    return steps_of_way(_WAYS.get(change.kind, Way.BRING), ctx, spec, change, package)
