"""Everything around the brain in one box: hosts, rows, workers, the wire between, and the time."""

from dataclasses import dataclass, field

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.looks import ChainReport, Look
from slipway.core.rollout.value.rollout import Rollout
from slipway.core.rollout.value.words import Cause
from tests.simulation.hosts import NOT_HEALTHY, PORT_HELD, Errand, Fence, Machine, Spot, Ticket
from tests.simulation.invariants import Judge
from tests.simulation.kinds import Kind
from tests.simulation.rows import Open, Rows

SECONDS = 5.0  # of a tick
LEASE = 4  # ticks
ANSWER_WITHIN = 2  # ticks that a driver waits for an answer
NOT_THERE = 6  # tickets that a host remembers


@dataclass(slots=True)
class Message:
    """A question, or with an errand a chain, on its way to a host."""

    worker: int
    rollout: int
    fence: Fence
    place: str
    ticket: str  # that is asked about
    asked_at: float
    number: int
    errand: Errand | None = None
    given_up: bool = False


@dataclass(slots=True)
class Asked:
    tick: int
    number: int


@dataclass(slots=True)
class Answer:
    place: str
    look: Look | None  # None: it did not pass the reader
    asked_at: float
    number: int
    tick: int


@dataclass(slots=True)
class Driver:
    """What a worker holds in memory of one rollout."""

    open: Open
    epoch: int
    revision: int
    heard: int
    sequence: int = 0
    last_beat: int = 0
    asked: dict[str, Asked] = field(default_factory=dict)
    asked_last: dict[str, int] = field(default_factory=dict)
    inbox: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class Worker:
    frozen_until: int = -1
    last_beat: int = -99
    drivers: dict[int, Driver] = field(default_factory=dict)
    values: dict[int, Rollout] = field(default_factory=dict)


class World:
    """The truth. `story` is told only on request: it costs more than it tells."""

    def __init__(self, workers: int, *, telling: bool = False) -> None:
        self.kinds: dict[str, Kind] = {}
        self.machines: dict[str, Machine] = {}
        self.spots: dict[str, Spot] = {}
        self.rows = Rows()
        self.workers = [Worker() for _ in range(workers)]
        self.wire: list[Message] = []
        self.messages = 0
        self.now = 0
        self.outage_until = -1  # of what all versions of all services need
        self.ours_until: dict[str, int] = {}  # until when an error of ours hides a place
        self.commit_fault = ""  # of the next commit: "", "lost" or "ambiguous"
        self.processes = 100
        self.judge = Judge(self)
        self.telling = telling
        self.story: list[str] = []

    def tell(self, text: str) -> None:
        if self.telling:
            self.story.append(f"{self.now:4}  {text}")

    # --- the truth about a place -------------------------------------------------------------

    def kind(self, release: Release) -> Kind:
        return self.kinds.get(release.version, Kind.GOOD)

    def is_bad(self, spot: Spot, release: Release) -> bool:
        """Whether a release does not do at this place, through its own fault."""
        kind = self.kind(release)
        return not (kind.is_good or (kind is Kind.PICKY and spot.machine.odd))

    def is_healthy(self, spot: Spot) -> bool:
        if not spot.running or self.now < self.outage_until or spot.held or spot.ill:
            return False
        kind = self.kind(spot.running)
        return kind is not Kind.NEVER_HEALTHY and not (kind is Kind.PICKY and not spot.machine.odd)

    def serves(self, spot: Spot) -> bool:
        return self.is_healthy(spot) and not spot.drained_by

    def new_process(self) -> int:
        self.processes += 1
        return self.processes

    # --- what a host hears and says ----------------------------------------------------------

    def receive(self, message: Message) -> None:
        """A host gets a message; it refuses what is older than what it knows."""
        spot = self.spots[message.place]
        if message.fence < spot.fence:
            self.tell(f"{spot.place} refuses {message.fence}: it knows {spot.fence}")
            return
        spot.fence = message.fence
        if message.errand is not None and spot.ticket(message.errand.name) is None:
            self._begin(spot, message.errand)
        if message.given_up:
            return
        driver = self.workers[message.worker].drivers.get(message.rollout)
        if driver is not None and driver.epoch == message.fence[0]:
            look = None if spot.machine.babbles else self.look(spot, message)
            answer = Answer(message.place, look, message.asked_at, message.number, self.now)
            driver.inbox.append(answer)

    def _begin(self, spot: Spot, errand: Errand) -> None:
        self.judge.begins(spot, errand)
        for ticket in spot.tickets:
            if ticket.runs:
                interrupt(ticket)
        spot.tickets = (*spot.tickets, Ticket(errand))[-NOT_THERE:]
        spot.probing = 0
        self.tell(f"{spot.place} begins {errand.name}: {errand.way}")

    def look(self, spot: Spot, message: Message) -> Look:
        """What a host answers, as the reader makes a look of it."""
        ticket = spot.ticket(f"{message.rollout}:{message.place}:{message.ticket}")
        healthy = self.is_healthy(spot)
        return Look(
            link=spot.link,
            running=spot.running,
            orders=spot.orders if spot.running else "",
            process=str(spot.process) if spot.running else "",
            boot=str(spot.machine.boot),
            healthy=healthy,
            enabled=spot.enabled,
            hook_owed=spot.hook_owed,
            drained_by=spot.drained_by,
            busy=spot.busy,
            obstacle=PORT_HELD if spot.held else None,
            why=None if healthy else NOT_HEALTHY,
            report=_report(ticket, message.ticket) if ticket else None,
        )


def interrupt(ticket: Ticket) -> None:
    ticket.outcome = Outcome.INTERRUPTED


def _report(ticket: Ticket, name: str) -> ChainReport:
    return ChainReport(
        name,
        ticket.outcome,
        disturbed=ticket.disturbed,
        fault=ticket.fault if ticket.problem else Cause.VERSION,
        problem=ticket.problem,
    )
