"""What a plan says of each place, and by which policy: what decisions need of it."""

from dataclasses import dataclass

from slipway.core.rollout.value.history import NOTHING, Release


@dataclass(frozen=True, slots=True)
class Planned:
    """One place of the service in a plan. Batch 0 is no target: its being away only takes room.

    `back` and `next_back` are fixed when the plan is made; None where there is none. `is_new`: it
    never had a well state, so its way back is to be removed. `deadline` (seconds of driven time) is
    the larger of what was set and what its steps may take. `anew`: its chain runs once even where
    all is as wanted already, as in a restart.
    """

    place: str
    origin: Release = NOTHING
    goal: Release = NOTHING
    back: Release | None = None
    next_back: Release | None = None
    batch: int = 1
    up: bool = True  # whether it is to be up afterwards
    was_up: bool = True
    was_well: bool = True
    is_new: bool = False
    anew: bool = False
    orders: str = ""
    deadline: float = 600.0

    @property
    def is_target(self) -> bool:
        return self.batch > 0

    @property
    def changes_version(self) -> bool:
        return self.goal.version != self.origin.version


@dataclass(frozen=True, slots=True)
class Policy:
    """How a rollout is carried out. Times are seconds of driven time.

    `allowed_away` counts places of the whole service; `left_out` is how many may be left out before
    that halts it. `none_serves_is_known`: the plan said that nothing serves, and was started all
    the same. `is_way_back`: it takes something back, and goes on one at a time at least, whoever
    else is away.
    """

    allowed_away: int = 1
    failures: int = 0
    canary_failures: int = 0
    left_out: int = 0
    bake: float = 0.0
    watch: float = 60.0
    patience: float = 600.0
    attempts: int = 2
    needs_promotion: bool = False
    goes_back: bool = True
    none_serves_is_known: bool = False
    is_way_back: bool = False
