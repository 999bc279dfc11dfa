"""A rollout as one value: what was planned, and how far each target has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.rollout.value.questions import Question
from slipway.core.rollout.value.words import Cause, End, Heading, Stage, Way
from slipway.core.words.sentence import Sentence

FORMAT = 1  # of what is written down of a value


@dataclass(frozen=True, slots=True)
class Target:
    """One place in a rollout. What stands below the line is not written down: whoever takes the
    rollout up asks anew."""

    planned: Planned
    stage: Stage = Stage.DUE
    heading: Heading = Heading.FORTH
    attempt: int = 0
    way: Way = Way.BRING  # which chain it was taken in hand for
    cause: Cause | None = None
    problem: Sentence | None = None  # why it is not where the rollout wants it
    touched: bool = False
    owed: bool = False  # its way back could not be gone, and still is to be
    goes_further: bool = False  # its way back is the next one: the first was withdrawn meanwhile
    losses: int = 0  # how often the place was lost under the same version
    blamed_at: float = -1.0  # when, in driven time, the version failed there by itself
    stands_in: bool = False  # ill already, it goes before its batch: the canary finds no room
    reprieved: bool = False  # a control was ill when it failed: well again, it is forgiven
    since: float = 0.0  # when, in driven time, its stage began
    process: str = ""  # which process was well,
    boot: str = ""  # and in which boot of its host
    # ---
    ill_looks: int = 0  # in a row, since it was well
    cleared_in: int = -1  # the beat in which the rows said yes
    turn: float = 0.0  # when its turn began
    sent: bool = False  # whoever drives now has sent its chain
    look: Look | None = None  # the last one; None: that had no answer
    looked_at: float = -1.0  # when that was asked for
    heard_at: float = 0.0  # when it answered last, or could first be asked after a gap
    lost: bool = False  # it was asked in vain since its stage and this take-over began
    lost_cause: Cause = Cause.WEATHER  # whose fault it is that it was asked in vain
    lost_why: Sentence | None = None
    unheard_since: float = -1.0  # when its chain was first followed in vain
    sent_in_vain: float = 0.0  # seconds in hand of which nothing came, to a host that answers

    @property
    def place(self) -> str:
        return self.planned.place

    @property
    def goal(self) -> Release:
        if self.heading is Heading.FORTH:
            return self.planned.goal
        return (self.planned.next_back if self.goes_further else self.planned.back) or NOTHING

    @property
    def up(self) -> bool:
        """Stopped on purpose stays stopped, on the way back as well."""
        forth = self.heading is Heading.FORTH
        return (self.planned.up if forth else self.planned.was_up) and bool(self.goal)

    @property
    def is_target(self) -> bool:
        return self.planned.is_target

    @property
    def is_open(self) -> bool:
        return self.is_target and self.stage.is_open

    @property
    def can_go_back(self) -> bool:
        """Without a way back it stays as it is; only what is new is removed."""
        return self.planned.back is not None or (
            self.planned.is_new and self.planned.changes_version
        )

    @property
    def takes_room(self) -> bool:
        """Away is what is meant to be up and does not serve, whatever the reason."""
        if not (self.up if self.stage is Stage.WELL else self._was_meant_up):
            return False
        in_hand = self.stage in (Stage.IN_HAND, Stage.SUSPECT)
        return in_hand or self.look is None or not self.look.serves

    @property
    def _was_meant_up(self) -> bool:
        return self.planned.was_up and bool(self.planned.origin)

    @property
    def is_done(self) -> bool:
        look = self.look
        return look is not None and look.is_done(self.goal, self.planned.orders, up=self.up)

    @property
    def next_way(self) -> Way:
        """Which chain brings it about from what was last seen there."""
        if not self.goal:
            return Way.REMOVE
        if not self.up:
            is_there = self.look is not None and self.look.link == self.goal
            return Way.STOP if is_there else Way.REST
        look = self.look
        is_to_mend = look is not None and look.has_drifted and self.heading is Heading.FORTH
        if look is None or self.planned.anew or is_to_mend or not look.healthy:
            return Way.BRING
        runs = look.link == look.running == self.goal and look.orders == self.planned.orders
        return Way.FINISH if runs else Way.BRING

    @property
    def needs_clearance(self) -> bool:
        """The rows are asked at its turn; not again in the middle of what was begun. A way back
        that is tried again has a turn of its own."""
        return self.attempt == 0 or self.owed

    def is_heard_since(self, moment: float) -> bool:
        """Whether the last look was asked for after `moment`: what was seen before decides
        nothing."""
        return self.look is not None and self.looked_at >= moment


@dataclass(frozen=True, slots=True)
class Rollout:
    """`driven` is the time, in seconds, in which somebody drove and could ask. `halted`: whose
    fault ended it before its end. `asks`: why Slipway itself waits for a person."""

    number: int
    policy: Policy
    targets: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    driven: float = 0.0
    beat: int = 0
    paused: bool = False
    asks: Question | None = None
    answered: frozenset[str] = frozenset()  # codes of questions that a person has answered with on
    without: frozenset[str] = frozenset()  # places that a person left out on the way
    cancelled: bool = False
    promoted: int = 0
    halted: Cause | None = None
    is_proven_guilty: bool = False  # a control was well where the version was not
    withdrawn: frozenset[str] = frozenset()  # versions that this rollout has withdrawn
    withdrawn_elsewhere: frozenset[str] = frozenset()  # as the rows say
    gone: frozenset[str] = frozenset()  # places of which a person said so
    end: End | None = None
    ended_at: float = 0.0
    watching: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to be driven any more."""
        return self.end is not None and not self.watching

    def target(self, place: str) -> Target:
        return self.targets[place]

    @property
    def batches(self) -> int:
        return max((t.planned.batch for t in self.targets.values()), default=0)

    def ticket(self, target: Target) -> str:
        """The name of the chain of a target's attempt: asked for again, it is the same one."""
        return f"{target.heading.value}-{target.attempt}"
