"""What can be asked of a rollout, and how far it has come."""

from enum import StrEnum


class RolloutKind(StrEnum):
    DEPLOY = "deploy"
    UPGRADE = "upgrade"
    REVERT = "revert"
    DELETE = "delete"
    RESTART = "restart"
    STOP = "stop"
    START = "start"
    APPLY = "apply"  # the same version, with its settings as they are now

    @property
    def moves_version(self) -> bool:
        """Whether an instance runs another version afterwards."""
        return self in (*FORTH, RolloutKind.REVERT)


# Those that bring a version to where it has not been, or has been before another one.
FORTH = (RolloutKind.DEPLOY, RolloutKind.UPGRADE)


class RolloutStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    HALTED = "halted"
    PARTIAL = "partial"  # some left out, not known, or not seen since
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing may change any more."""
        return self in OVER


OVER = frozenset(
    {
        RolloutStatus.SUCCEEDED,
        RolloutStatus.HALTED,
        RolloutStatus.PARTIAL,
        RolloutStatus.CANCELLED,
    }
)
