"""What an instance is doing; the numbers are in people's reports and stay."""

from enum import IntEnum

from slipway.core.words.kinds import RolloutKind


class InstanceStatus(IntEnum):
    RUNNING = 0
    INSTALLING = 1
    UPGRADING = 2
    REVERTING = 3
    DELETING = 4
    STOPPED = 5
    INSTALL_FAILED = 11
    UPGRADE_FAILED = 12
    REVERT_FAILED = 13
    DELETE_FAILED = 14

    @property
    def word(self) -> str:
        """The status as people and the API say it."""
        return self.name.lower()

    @property
    def is_failed(self) -> bool:
        return self in FAILED


# Restart, stop and start have no number of their own: the instance keeps its version, so it is
# shown as being upgraded to what it has.
_BY_KIND = {
    RolloutKind.DEPLOY: (InstanceStatus.INSTALLING, InstanceStatus.INSTALL_FAILED),
    RolloutKind.UPGRADE: (InstanceStatus.UPGRADING, InstanceStatus.UPGRADE_FAILED),
    RolloutKind.REVERT: (InstanceStatus.REVERTING, InstanceStatus.REVERT_FAILED),
    RolloutKind.DELETE: (InstanceStatus.DELETING, InstanceStatus.DELETE_FAILED),
    RolloutKind.APPLY: (InstanceStatus.UPGRADING, InstanceStatus.UPGRADE_FAILED),
    RolloutKind.RESTART: (InstanceStatus.UPGRADING, InstanceStatus.UPGRADE_FAILED),
    RolloutKind.STOP: (InstanceStatus.UPGRADING, InstanceStatus.UPGRADE_FAILED),
    RolloutKind.START: (InstanceStatus.UPGRADING, InstanceStatus.UPGRADE_FAILED),
}

FAILED = frozenset(pair[1] for pair in _BY_KIND.values())


def transitional(kind: RolloutKind) -> InstanceStatus:
    """Return the status of an instance while a rollout of `kind` works on it."""
    return _BY_KIND[kind][0]


def failed(kind: RolloutKind) -> InstanceStatus:
    """Return the status of an instance that a rollout of `kind` could not bring to its end."""
    return _BY_KIND[kind][1]


def settled(kind: RolloutKind) -> InstanceStatus:
    """Return the status after success. A deleted instance has none: asking is a mistake."""
    if kind is RolloutKind.DELETE:
        raise ValueError("a deleted instance has no status")
    return InstanceStatus.STOPPED if kind is RolloutKind.STOP else InstanceStatus.RUNNING
