"""What versions are like: good ones, and ten ways to be bad."""

from enum import StrEnum

LATER = 7  # ticks after its start at which a version shows what it is


class Kind(StrEnum):
    GOOD = "good"
    SLOW = "slow"  # good, and long in coming
    EXITS = "exits"
    DIES_LATER = "dies later"
    FLAPS = "flaps"  # ends, and is started again by its supervisor
    BAD_HOOK = "bad hook"
    PANICS = "panics"  # its start takes the host down
    REBOOTS_LATER = "reboots later"  # again and again
    NEVER_HEALTHY = "never healthy"
    SICKENS = "sickens"
    UNRUNNABLE = "unrunnable"
    PICKY = "picky"  # good on odd hosts only

    @property
    def is_good(self) -> bool:
        return self in (Kind.GOOD, Kind.SLOW)

    @property
    def comes_up_at_boot(self) -> bool:
        return self not in (Kind.EXITS, Kind.PANICS, Kind.UNRUNNABLE)


NEW = (
    *(Kind.GOOD, Kind.GOOD, Kind.GOOD, Kind.SLOW),
    *(kind for kind in Kind if not kind.is_good),
)
