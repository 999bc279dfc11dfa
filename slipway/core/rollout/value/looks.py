"""What was seen of a place, as far as a rollout decides on it."""

from dataclasses import dataclass, replace

from slipway.core.hosts.drift_words import Drift, has_drifted
from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.words import Cause
from slipway.core.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What the host says of the chain that was sent under a ticket. `fault` is whose fault a
    failure is by its own words; `disturbed` says whether a step that can change what serves has
    begun."""

    ticket: str
    outcome: Outcome
    disturbed: bool = True
    fault: Cause = Cause.VERSION
    problem: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One answer of a host about one place, that passed the reader."""

    link: Release = NOTHING
    running: Release = NOTHING  # of the process that is ours
    orders: str = ""  # weight and tag that the process was started with, by fingerprint
    process: str = ""
    boot: str = ""
    healthy: bool = False
    enabled: bool = False  # whether a reboot would start it
    hook_owed: bool = False
    drained_by: str = ""
    busy: bool = False  # a step of ours runs or waits there
    obstacle: Sentence | None = None  # what would make a start fail here
    why: Sentence | None = None  # it is not healthy
    report: ChainReport | None = None
    drift: tuple[Drift, ...] = ()  # what was changed there by somebody else

    @property
    def has_drifted(self) -> bool:
        return has_drifted(self.drift)

    @property
    def serves(self) -> bool:
        return self.healthy and not self.drained_by and not self.busy

    def at_rest(self) -> "Look":
        """The same, after the chain that it tells of has ended."""
        return replace(self, busy=False)

    def is_done(self, release: Release, orders: str, *, up: bool) -> bool:
        """Release seen = wanted, orders carried out, no hook owed, and a probe that succeeded of
        the process that runs now; or seen to be down, and nothing would start it again."""
        if not release:
            return not self.link and not self.running and not self.enabled
        if not up:
            return self.link == release and not self.running and not self.enabled
        runs = self.link == release and self.running == release
        return runs and self.orders == orders and not self.hook_owed and self.serves
