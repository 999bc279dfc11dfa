"""How far a target has come, in the words that rows, API and pages share."""

from enum import StrEnum


class TargetStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNREACHABLE = "unreachable"  # not attempted, nothing was changed there
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # attempted, the outcome was lost: the host is being asked

    @property
    def in_flight(self) -> bool:
        """Whether something may still be happening on the host."""
        return self in (TargetStatus.RUNNING, TargetStatus.UNKNOWN)

    @property
    def is_over(self) -> bool:
        return self is not TargetStatus.PENDING and not self.in_flight

    @property
    def is_failure(self) -> bool:
        """Whether it counts against the failure budget."""
        return self in (TargetStatus.FAILED, TargetStatus.UNREACHABLE)
