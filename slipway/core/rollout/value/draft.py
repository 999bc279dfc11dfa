"""A rollout in the making: what a beat changes, before it is a value again."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from slipway.core.rollout.value.changes import changed
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Heading, Stage

_Kind = tuple[Stage, Heading]
_HEADINGS = tuple(Heading)


class Draft:
    """Holds the targets under their places, in the order of the plan, and beside them those of each
    stage and those that take room: rules look at what may concern them, not at everything."""

    def __init__(self, rollout: Rollout) -> None:
        self.rollout = rollout
        self._targets = dict(rollout.targets)
        self._kinds: dict[_Kind, set[str]] = {}
        self._order: dict[str, int] = {}
        self._away: set[str] = set()
        self._blamed: dict[str, Cause] = {}
        self.version = 0  # grows with every change
        for target in self._targets.values():
            self._index(target)

    def value(self) -> Rollout:
        """Return what has become of it."""
        if not self.version:
            return self.rollout
        return changed(self.rollout, targets=MappingProxyType(self._targets))

    # --- reading -----------------------------------------------------------------------------

    def target(self, place: str) -> Target:
        return self._targets[place]

    def all(self) -> Iterator[Target]:
        return iter(self._targets.values())

    def at(self, *stages: Stage, heading: Heading | None = None) -> list[Target]:
        """Targets (not those that only take room) at a stage, in the order of the plan."""
        places: list[str] = []
        for stage in stages:
            for each in _HEADINGS if heading is None else (heading,):
                places += self._kinds.get((stage, each), ())
        if len(places) > 1:
            places.sort(key=self._place_in_plan)
            return [self._targets[place] for place in places]
        return [self._targets[places[0]]] if places else []

    def has(self, *stages: Stage, heading: Heading | None = None) -> bool:
        for stage in stages:
            for each in _HEADINGS if heading is None else (heading,):
                if self._kinds.get((stage, each)):
                    return True
        return False

    @property
    def away(self) -> set[str]:
        """Places that are meant to be up and do not serve."""
        return self._away

    def with_cause(self, *causes: Cause) -> list[Target]:
        return [self._targets[place] for place, cause in self._blamed.items() if cause in causes]

    @property
    def has_causes(self) -> bool:
        return bool(self._blamed)

    @property
    def driven(self) -> float:
        return self.rollout.driven

    def _place_in_plan(self, place: str) -> int:
        if not self._order:
            self._order = {each: number for number, each in enumerate(self._targets)}
        return self._order[place]

    # --- changing ----------------------------------------------------------------------------

    def change(self, **values: Any) -> None:
        """Change what is of the whole rollout."""
        self.rollout = changed(self.rollout, **values)
        self.version += 1

    def put(self, target: Target) -> Target:
        before = self._targets[target.place]
        if before.is_target:
            self._kinds[before.stage, before.heading].discard(target.place)
        self._targets[target.place] = target
        self._index(target)
        self.version += 1
        return target

    def move(self, target: Target, stage: Stage, **values: Any) -> Target:
        """Begin a stage of a target: what was seen before it began decides nothing in it."""
        return self.put(changed(target, stage=stage, since=self.driven, lost=False, **values))

    def _index(self, target: Target) -> None:
        place = target.planned.place
        if target.is_target:
            self._kinds.setdefault((target.stage, target.heading), set()).add(place)
        if target.cause is not None:
            self._blamed[place] = target.cause
        else:
            self._blamed.pop(place, None)
        if target.takes_room:
            self._away.add(place)
        else:
            self._away.discard(place)
