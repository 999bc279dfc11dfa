"""The well states of a place, and the way back that follows from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """What is brought to a place, by value: a version, and by their fingerprint the package, how it
    is run, and its settings. Whether it is up, its weight and its tag are the person's orders, and
    no part of it. `fingerprint` "" is one that is not known."""

    version: str = ""
    fingerprint: str = ""

    def __bool__(self) -> bool:
        return bool(self.version)

    def is_like(self, seen: "Release") -> bool:
        """Whether what was seen may be this: one that a host does not name is judged by version."""
        known = bool(self.fingerprint and seen.fingerprint)
        return self.version == seen.version and (not known or self.fingerprint == seen.fingerprint)


NOTHING = Release()


@dataclass(frozen=True, slots=True)
class WellState:
    """A release that was done and well at a place. `depth` says how many entries lie under it on
    the way back; `rollout` brought it (0: it was adopted)."""

    release: Release
    rollout: int
    depth: int


History = Sequence[WellState]


def append_well(
    history: History, release: Release, rollout: int, *, going_back: bool
) -> tuple[WellState, ...]:
    """Return the history after `release` was done and well. Nothing is ever overwritten.

    Settings alone make an entry of the same depth; a way back has the depth of the entry that it
    returns to.
    """
    entries = tuple(history)
    if entries and entries[-1].release == release:
        return entries
    return (*entries, WellState(release, rollout, _depth(entries, release, going_back)))


def _depth(history: History, release: Release, going_back: bool) -> int:
    if not history:
        return 0
    if going_back:
        of_version = [e.depth for e in history if e.release.version == release.version]
        # A version that came forth twice lies there twice: back is towards the lesser depth, or two
        # versions would be each other's way back for ever.
        under = [depth for depth in of_version if depth < history[-1].depth]
        if of_version:
            return (under or of_version)[-1]
    stays = history[-1].release.version == release.version
    return history[-1].depth if stays else history[-1].depth + 1


def way_back(
    history: History, present: Release, unfit: Collection[str] = (), *, was_well: bool = True
) -> Release | None:
    """Return the newest entry that lies under the one that the place stands on, of another version,
    and fit: not withdrawn, and to be had. None: there is none.

    Under an entry lies what is of lesser depth than all that came after it: of what a way back has
    left, nothing. Where the place stands on no entry (`was_well` False: what is there never was
    well, or is only to come), the newest comes first.
    """
    depth = _stands_on(history, present) if was_well else None
    for entry in reversed(history):
        if depth is not None and entry.depth >= depth:
            continue
        version = entry.release.version
        if version != present.version and version not in unfit:
            return entry.release
        depth = entry.depth
    return None


def settings_back(history: History, present: Release) -> Release | None:
    """Return the newest entry of the same version with other settings: one revision back."""
    for entry in reversed(history):
        if entry.release.version == present.version and entry.release != present:
            return entry.release
    return None


def _stands_on(history: History, present: Release) -> int | None:
    """Return the depth of the entry that the place stands on; None where it stands on none."""
    for entry in reversed(history):
        if entry.release.version == present.version:
            return entry.depth
    return None
