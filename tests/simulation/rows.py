"""What is written down: places, services, rollouts under way and over."""

from dataclasses import dataclass, field, replace

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.history import NOTHING, Release, WellState
from slipway.core.rollout.value.planned import Policy
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause


@dataclass(slots=True)
class PlaceRow:
    """What is wanted at a place, a person's orders for it, and where it was well."""

    place: str
    service: str
    wanted: Release = NOTHING
    up: bool = True
    orders: str = ""
    history: tuple[WellState, ...] = ()
    lock: bool = False
    maintenance: bool = False
    moved: bool = False  # its host is of another environment now
    changed_by: tuple[int, ...] = ()
    owed: Release | None = None

    @property
    def is_free(self) -> bool:
        return not (self.lock or self.maintenance or self.moved)


@dataclass(slots=True)
class ServiceRow:
    name: str
    policy: Policy
    lock: bool = False
    window_closed: bool = False
    settings: int = 0
    withdrawn: frozenset[str] = frozenset()


@dataclass(slots=True)
class Open:
    """A rollout that is driven: its value as it was written last, who drives it, what people said.
    `claim` is the epoch of the driver that holds it."""

    value: Rollout
    service: str
    kind: str
    claim: int = 0
    revision: int = 0
    lease: int = -999
    wishes: tuple[Wished, ...] = ()
    heard: int = 0


@dataclass(slots=True)
class Over:
    value: Rollout
    service: str
    kind: str


@dataclass(slots=True)
class Rows:
    """The database."""

    places: dict[str, PlaceRow] = field(default_factory=dict)
    services: dict[str, ServiceRow] = field(default_factory=dict)
    open: dict[int, Open] = field(default_factory=dict)
    over: list[Over] = field(default_factory=list)
    epoch: int = 0
    number: int = 0
    away_until: int = -1

    def of(self, service: str) -> list[PlaceRow]:
        return [row for row in self.places.values() if row.service == service]

    def active(self, service: str) -> Open | None:
        """The rollout of a service that is neither over nor only watching."""
        return next(
            (o for o in self.open.values() if o.service == service and o.value.end is None), None
        )


def as_read(value: Rollout, withdrawn: frozenset[str]) -> Rollout:
    """Return a value as it comes from the rows: without looks, and with what others withdrew."""
    targets = {place: _as_read(target) for place, target in value.targets.items()}
    return replace(value, targets=targets, withdrawn_elsewhere=withdrawn)


def _as_read(target: Target) -> Target:
    return replace(
        target,
        ill_looks=0,
        cleared_in=-1,
        turn=0.0,
        look=None,
        looked_at=-1.0,
        heard_at=0.0,
        lost=False,
        lost_cause=Cause.WEATHER,
        lost_why=None,
        unheard_since=-1.0,
        sent_in_vain=0.0,
    )


def is_worth_a_write(before: Rollout, after: Rollout) -> bool:
    """Whether anything changed but looks and time."""
    if before.targets is not after.targets:
        for old, new in zip(before.targets.values(), after.targets.values(), strict=True):
            if old is not new and _kept(old) != _kept(new):
                return True
    return _told(before) != _told(after)


def _kept(t: Target) -> tuple[object, ...]:
    return (
        *(t.stage, t.heading, t.attempt, t.way, t.cause, t.problem, t.touched, t.owed),
        *(
            t.goes_further,
            t.losses,
            t.reprieved,
            t.blamed_at,
            t.stands_in,
            t.process,
            t.boot,
            t.since,
        ),
    )


def _told(r: Rollout) -> tuple[object, ...]:
    return (
        *(r.paused, r.asks, r.answered, r.without, r.cancelled, r.promoted, r.halted),
        *(r.is_proven_guilty, r.withdrawn, r.gone, r.end, r.watching),
    )
