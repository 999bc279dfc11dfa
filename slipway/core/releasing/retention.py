"""Which packages stay in the store. What is needed stays always."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Need(StrEnum):
    """Why the package of a version stays; the first that holds is the one that is said."""

    ROLLOUT = "rollout"  # an open rollout leads to it, or away from it
    WANTED = "wanted"  # an instance should run it
    SEEN = "seen"  # an instance was seen running it
    PREVIOUS = "previous"  # an instance ran it before: the way back
    RAN = "ran"  # it ran well where an instance is now: a way back as well
    ALL = "all"  # its service keeps every package
    NEWEST = "newest"  # it is one of the newest of its service
    SHARED = "shared"  # another version has the same package, and that one stays


# What no number of versions to keep can override.
NEEDED = (Need.ROLLOUT, Need.WANTED, Need.SEEN, Need.PREVIOUS, Need.RAN)


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version whose package is in the store; ids of ours."""

    id: int
    service: int
    package: int


def retention(
    newest_first: Iterable[KeptVersion],
    needs: Mapping[int, Need],
    limits: Mapping[int, int | None],
) -> dict[int, Need | None]:
    """Return, by version, why its package stays; None: it goes.

    `newest_first` are all versions of the services that are looked at, and of those that share a
    package with them. `needs` says by version what it is needed for, `limits` by service how many
    packages it keeps (None, or not named: all). A package goes when all its versions let it go.
    """
    versions = list(newest_first)
    reasons: dict[int, Need | None] = {}
    counts: dict[int, int] = {}
    for version in versions:
        counts[version.service] = counts.get(version.service, 0) + 1
        limit = limits.get(version.service)
        kept = Need.ALL if limit is None else Need.NEWEST
        is_kept = limit is None or counts[version.service] <= limit
        reasons[version.id] = needs.get(version.id) or (kept if is_kept else None)
    staying = {each.package for each in versions if reasons[each.id] is not None}
    for version in versions:
        if reasons[version.id] is None and version.package in staying:
            reasons[version.id] = Need.SHARED
    return reasons
