"""Which releases stay on a host: those needed for the way back, and the newest few."""

from collections.abc import Iterable, Sequence


def releases_to_keep(
    newest_first: Sequence[str], needed: Iterable[str], keep_releases: int
) -> tuple[str, ...]:
    """Return the versions that must stay: every one that is `needed` (it runs, ran well before, or
    an open rollout names it), filled up with the newest to `keep_releases` in all."""
    keep = list(dict.fromkeys(version for version in needed if version))
    for version in newest_first:
        if len(keep) >= keep_releases:
            break
        if version not in keep:
            keep.append(version)
    return tuple(keep)
