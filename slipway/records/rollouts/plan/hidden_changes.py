"""What a version changes in folders that are shared: their copy in the package is not seen."""

from collections.abc import Iterable, Iterator

from slipway.core.rollout.plans.differences import named
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Release
from slipway.records.rollouts.wish.selection import Candidate


def hidden_changes(candidates: Iterable[Candidate]) -> Iterator[Sentence]:
    """Yield, a sentence for each version that is brought, which shared folders it brings otherwise
    than the one before. What is shared for the first time is filled by it, and so is seen."""
    found: dict[str, dict[str, None]] = {}
    for candidate in candidates:
        if candidate.origin is not None and candidate.goal is not None:
            changed = _changed(candidate.origin, candidate.goal)
            found.setdefault(candidate.goal.version.name, {}).update(dict.fromkeys(changed))
    for version, folders in found.items():
        if folders:
            yield Sentence.of(
                "hidden_by_shared",
                "{version} changes what it brings in {folders}, which shared: hides: instances keep"
                " what lies there. To bring it, take it out of shared:, or copy it to ${{SHARED}}"
                " in before_activate.",
                version=version,
                folders=named(folders),
            )


def _changed(origin: Release, goal: Release) -> Iterator[str]:
    before, after = origin.version.hidden_content, goal.version.hidden_content
    if before is None or not after:
        return
    was_shared = origin.spec.get("shared") or ()
    for folder in goal.spec.get("shared") or ():
        if folder in was_shared and folder in after and after[folder] != before.get(folder):
            yield folder
