"""What changes in how a service is run, setting by setting: what is there, and what comes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from slipway.core.rollout.plans.plan import Plan, PlannedRelease, key_of
from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.hidden_values import without_values
from slipway.core.spec.origins import flat


@dataclass(frozen=True, slots=True)
class SpecChange:
    """One setting, as it was and as it will be; "" where it is not said."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SpecChanges:
    """What differs between two releases, on so many `places`."""

    from_version: str
    to_version: str
    places: int
    changes: tuple[SpecChange, ...]


def spec_changes(plan: Plan, *, is_open: bool) -> tuple[SpecChanges, ...]:
    """Return what differs for each pair of releases that a target leaves and comes to, as far as
    both are known; pairs that do not differ are left out. Unless `is_open`, what may be a secret is
    hidden, though not that it changes."""
    pairs: Counter[tuple[str, str]] = Counter()
    for place in plan.targets:
        origin, goal = key_of(place.planned.origin), key_of(place.planned.goal)
        if origin in plan.releases and goal in plan.releases and origin != goal:
            pairs[origin, goal] += 1
    return tuple(_changed(plan, pairs, is_open=is_open))


def _changed(
    plan: Plan, pairs: Counter[tuple[str, str]], *, is_open: bool
) -> Iterator[SpecChanges]:
    for (origin, goal), places in pairs.items():
        before, after = plan.releases[origin], plan.releases[goal]
        if changes := tuple(_changes(before, after, is_open=is_open)):
            yield SpecChanges(before.value.version, after.value.version, places, changes)


def _changes(
    before: PlannedRelease, after: PlannedRelease, *, is_open: bool
) -> Iterator[SpecChange]:
    was, comes = spec_as_dict(before.spec), spec_as_dict(after.spec)
    old, new = flat(was), flat(comes)
    if is_open:
        shown_old, shown_new = old, new
    else:
        shown_old, shown_new = flat(without_values(was)), flat(without_values(comes))
    for key in sorted(old.keys() | new.keys()):
        if old.get(key, "") != new.get(key, ""):
            yield SpecChange(key, shown_old.get(key, ""), shown_new.get(key, ""))
