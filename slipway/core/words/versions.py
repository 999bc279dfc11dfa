"""How far a version has come; the numbers are in people's reports and stay."""

from enum import IntEnum


class VersionStatus(IntEnum):
    PENDING = 0
    BUILDING = 1
    SUCCESS = 2
    TIMEOUT = 3
    FAILED = 4
    DUPLICATE = 5

    @property
    def word(self) -> str:
        """The status as people and the API say it."""
        return self.name.lower()
