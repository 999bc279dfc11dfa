"""What must be remembered to judge a history: what happened in truth, and what answers said."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.planned import Planned
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Stage

if TYPE_CHECKING:
    from tests.simulation.hosts import Spot
    from tests.simulation.world import World

LATELY = 12  # ticks in which an event from outside may not be known yet
LONG = 5 * LATELY
NEVER = -999
Of = tuple[int, str]  # a rollout and a place


@dataclass(slots=True)
class Memory:
    """Ticks, unless something else is said."""

    begun: set[str] = field(default_factory=set)
    disturbed: set[Of] = field(default_factory=set)  # by a step of ours
    taken_as: dict[Of, int] = field(default_factory=dict)  # the how-manieth that was taken
    taken_ill: set[Of] = field(default_factory=set)  # a look at its turn saw it not serving
    intents: set[str] = field(default_factory=set)
    taken: dict[str, str] = field(default_factory=dict)  # away by us since -> its heading
    not_serving_since: dict[str, int] = field(default_factory=dict)
    hindered_since: dict[str, int] = field(default_factory=dict)
    held_since: dict[str, int] = field(default_factory=dict)  # services
    heard: dict[int, dict[str, tuple[int, Look]]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # since the driver's last gap
    last_word: dict[Of, int] = field(default_factory=dict)  # an answer, or none in time
    vain: dict[Of, int] = field(default_factory=dict)  # questions without an answer, in a row
    vain_since: dict[Of, int] = field(default_factory=dict)
    # Since when no more is heard of a place than that its chain runs.
    unheard_since: dict[Of, int] = field(default_factory=dict)
    vain_cause: dict[Of, Cause] = field(default_factory=dict)  # whose fault that is
    not_known: set[Of] = field(default_factory=set)  # left out in silence
    # What was withdrawn when a place that failed was left as it is.
    withdrawn_at_end: dict[Of, frozenset[str]] = field(default_factory=dict)
    # The ticket it was taken in hand for, and since when: after a gap anew.
    sent_since: dict[Of, tuple[str, int]] = field(default_factory=dict)
    ever_ill: set[Of] = field(default_factory=set)
    gap_at: dict[int, int] = field(default_factory=dict)
    asked_at: dict[Of, int] = field(default_factory=dict)  # its turn
    suspect_at: dict[Of, int] = field(default_factory=dict)
    first_heard: dict[Of, tuple[int, int]] = field(default_factory=dict)  # (disturbed, answer)
    failed_by: dict[Of, str] = field(default_factory=dict)  # the code of its problem
    blamed_at: dict[Of, int] = field(default_factory=dict)
    control_well_at: dict[int, int] = field(default_factory=dict)
    well_at: dict[Of, int] = field(default_factory=dict)
    placed_at: dict[str, int] = field(
        default_factory=dict
    )  # when it was well last, whoever brought
    reboots: dict[Of, int] = field(default_factory=dict)  # survived under the version
    process_before: dict[Of, int] = field(default_factory=dict)
    changed_by: dict[str, tuple[int, ...]] = field(default_factory=dict)
    stood_on: dict[str, list[str]] = field(default_factory=dict)  # versions, as a stack
    questions: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked_ever: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    went_on: dict[Of, int] = field(default_factory=dict)  # a person answered, by code
    cancelled_at: dict[int, int] = field(default_factory=dict)
    ended_at: dict[int, int] = field(default_factory=dict)
    outage_began: int = NEVER
    last_outage: int = NEVER
    calm_since: int = 10**9

    def stack(self, place: str) -> list[str]:
        return self.stood_on.setdefault(place, [])

    def quiet_for(self, world: "World", spot: "Spot") -> int:
        """How long nothing from outside has happened to a place."""
        machine = spot.machine
        if spot.held or spot.lies or spot.ill or machine.full or not machine.answers:
            return 0
        return world.now - max(spot.disturbed_at, self.last_outage)

    def heard_of(self, number: int, spot: "Spot") -> int:
        """When an answer first could tell what last happened to a place from outside."""
        disturbed, heard = self.first_heard.get((number, spot.place), (NEVER, NEVER))
        return heard if disturbed == spot.disturbed_at else spot.disturbed_at

    def look(self, number: int, place: str) -> Look | None:
        """What was heard of a place last, since the driver's last gap."""
        found = self.heard[number].get(place)
        return found[1] if found else None

    def heard_at(self, number: int, place: str) -> int:
        found = self.heard[number].get(place)
        return found[0] if found else NEVER


def targets_of(value: Rollout) -> list[Target]:
    return [target for target in value.targets.values() if target.planned.batch > 0]


def is_meant_up(planned: Planned) -> bool:
    return planned.was_up and bool(planned.origin.version)


def is_open(target: Target) -> bool:
    return target.stage not in (Stage.WELL, Stage.OUT)


def has_a_way_back(target: Target) -> bool:
    """As the plan says."""
    planned = target.planned
    is_change = planned.goal.version != planned.origin.version
    return planned.back is not None or (planned.is_new and is_change)
