"""What can be asked of each list: its fields, and which words of theirs mean what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.core.hosts.place_status import PlaceWord
from slipway.core.words.instances import FAILED
from slipway.core.words.kinds import OVER, RolloutKind, RolloutStatus
from slipway.core.words.versions import VersionStatus

# What may be said of a field, and which words of the rows are meant by it.
Meanings = Mapping[str, tuple[str, ...]]
SHORT = {"env": "environment"}
BY, ME = "by", "me"  # `by:me`: whoever asks


@dataclass(frozen=True, slots=True)
class Listing:
    """`fields` that have no meanings take any value. Without `labels`, what no field is called is
    refused; else it is a label."""

    fields: Mapping[str, Meanings | None]
    labels: bool = True
    times: bool = True

    def meant(self, field: str, values: tuple[str, ...]) -> list[str]:
        """Return what the values of a field mean."""
        meanings = self.fields[field]
        if meanings is None:
            return list(values)
        return [word for value in values for word in meanings[value]]


def _alike(*words: str) -> dict[str, tuple[str, ...]]:
    return {word: (word,) for word in words}


class ServiceState(StrEnum):
    """How a service stands as a whole, in the words of its page."""

    ATTENTION = "attention"
    RUNNING = "running"
    LOCKED = "locked"
    WELL = "well"
    UNUSED = "unused"


STARRED = "starred"  # by whoever asks
BEHIND = "behind"  # runs older somewhere than in an environment before
_WENT_WRONG = (RolloutStatus.HALTED.value, RolloutStatus.PARTIAL.value)
_ACTIVE = tuple(status.value for status in RolloutStatus if status not in OVER)

SERVICES = Listing(
    {
        "state": {
            **_alike(*(state.value for state in ServiceState)),
            "failed": tuple(sorted(status.word for status in FAILED)),
            **_alike(PlaceWord.ILL.value, PlaceWord.DRIFTED.value, BEHIND),
        },
        "environment": None,
        "language": None,
        "is": _alike(STARRED),
        BY: None,
    }
)
HOSTS = Listing(
    {
        "state": {**_alike("ok", "unreachable", "maintenance", "unknown"), "reachable": ("ok",)},
        "environment": None,
        "service": None,
    }
)
ROLLOUTS = Listing(
    {
        "state": {
            **_alike(*(status.value for status in RolloutStatus)),
            "active": _ACTIVE,
            "failed": _WENT_WRONG,
        },
        "kind": {**_alike(*(kind.value for kind in RolloutKind)), "rollback": ("revert",)},
        "service": None,
        "environment": None,
        "version": None,
        "host": None,
        BY: None,
    }
)
VERSIONS = Listing(
    {
        "state": {
            **_alike(*(status.word for status in VersionStatus)),
            "ready": (VersionStatus.SUCCESS.word,),
        },
        "ref": None,
        "commit": None,
        BY: None,
    },
    labels=False,
)
