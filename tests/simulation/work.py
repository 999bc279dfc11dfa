"""What a host does by itself in a tick: the next step of a chain, and what its processes do."""

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.words import Cause
from slipway.core.words.sentence import Sentence
from tests.simulation.hosts import (
    CANNOT_RUN,
    DISK_FULL,
    HOOK_FAILED,
    NEVER_HEALTHY,
    PORT_HELD,
    STEPS,
    Machine,
    Spot,
    Ticket,
)
from tests.simulation.kinds import LATER, Kind
from tests.simulation.world import World, interrupt


def work(world: World, spot: Spot) -> None:
    """Do one step of what was sent; what runs gets older."""
    if spot.running:
        spot.age += 1
        if spot.age == LATER:
            _come_of_age(world, spot)
    ticket = next((t for t in spot.tickets if t.runs), None)
    if ticket is not None:
        _step(world, spot, ticket)


def _come_of_age(world: World, spot: Spot) -> None:
    match world.kind(spot.running):
        case Kind.DIES_LATER:
            world.tell(f"{spot.place}: {spot.running.version} dies")
            spot.running = NOTHING
        case Kind.FLAPS:
            world.tell(f"{spot.place}: {spot.running.version} dies and is started again")
            spot.process, spot.age = world.new_process(), 0
        case Kind.SICKENS:
            world.tell(f"{spot.place}: {spot.running.version} answers no more")
            spot.ill = True
        case Kind.REBOOTS_LATER:
            reboot(world, spot.machine, by=spot)


def _step(world: World, spot: Spot, ticket: Ticket) -> None:
    served = world.serves(spot)
    if ticket.step != "prepare" and not ticket.disturbed:
        ticket.disturbed = True
        world.judge.disturbed(spot, ticket)
    done, problem = _do(world, spot, ticket)
    if not ticket.runs:  # the host went down with it
        return
    if problem is not None:
        ticket.outcome, ticket.problem = Outcome.FAILED, problem
        ticket.fault = Cause.HOST if problem in (DISK_FULL, PORT_HELD) else Cause.VERSION
    elif done:
        ticket.at += 1
        if ticket.at == len(STEPS[ticket.errand.way]):
            ticket.outcome = Outcome.DONE
    if not ticket.runs:
        world.tell(f"{spot.place}: {ticket.errand.name} {ticket.outcome} {problem or ''}")
    if served and not world.serves(spot):
        world.judge.taken_away(spot, ticket)


def _do(world: World, spot: Spot, ticket: Ticket) -> tuple[bool, Sentence | None]:
    """Return whether the step is over, and why it failed. Who lies does nothing."""
    if spot.lies and ticket.step in ("start", "probe", "switch"):
        return True, None
    match ticket.step:
        case "start" | "probe" | "switch" if spot.lies:
            return True, None
        case "prepare" if spot.machine.full:
            return False, DISK_FULL
        case "start":
            return _start(world, spot, ticket)
        case "probe":
            return _probe(world, spot, ticket)
        case "hook" if spot.hook_owed and world.kind(ticket.errand.goal) is Kind.BAD_HOOK:
            return False, HOOK_FAILED
    _change(world, spot, ticket)
    return True, None


def _change(world: World, spot: Spot, ticket: Ticket) -> None:
    """Do what cannot fail."""
    match ticket.step:
        case "drain" if world.is_healthy(spot):
            spot.drained_by = spot.drained_by or spot.link.version
        case "switch":
            spot.link = ticket.errand.goal
        case "hook":
            spot.hook_owed = False
        case "undrain":
            spot.drained_by = ""
        case "stop":
            spot.running, spot.hook_owed, spot.enabled = NOTHING, False, False
        case "remove":
            spot.link, spot.drained_by, spot.enabled = NOTHING, "", False


def _start(world: World, spot: Spot, ticket: Ticket) -> tuple[bool, Sentence | None]:
    kind = world.kind(spot.link)
    if spot.held:
        spot.running = NOTHING
        return False, PORT_HELD
    if kind is Kind.UNRUNNABLE:
        spot.running = NOTHING
        return False, CANNOT_RUN
    spot.process, spot.age, spot.ill, spot.probing = world.new_process(), 0, False, 0
    spot.hook_owed, spot.enabled, spot.orders = True, True, ticket.errand.orders
    spot.running = NOTHING if kind in (Kind.EXITS, Kind.PANICS) else spot.link
    if kind is Kind.PANICS:
        reboot(world, spot.machine, by=spot)
    return True, None


def _probe(world: World, spot: Spot, ticket: Ticket) -> tuple[bool, Sentence | None]:
    spot.probing += 1
    kind = world.kind(ticket.errand.goal)
    if not world.is_healthy(spot):
        return False, PORT_HELD if spot.held else NEVER_HEALTHY
    return spot.probing >= (5 if kind is Kind.SLOW else 2), None


def _brings_another(spot: Spot) -> bool:
    """Whether what takes the host down is what was there, and not what is being brought."""
    return any(t.runs and t.errand.goal.version != spot.running.version for t in spot.tickets)


def reboot(world: World, machine: Machine, *, by: Spot | None = None) -> None:
    """All that runs there ends; what is enabled comes up again, if it can. `by`: whose fault it is;
    for all others it comes from outside."""
    world.tell(f"{machine.name} reboots")
    machine.boot += 1
    for spot in world.spots.values():
        if spot.machine is not machine:
            continue
        if spot is not by or _brings_another(spot):
            spot.outside = world.now
        for ticket in spot.tickets:
            if ticket.runs:
                interrupt(ticket)
        comes_up = spot.enabled and bool(spot.link) and not spot.held
        if comes_up and world.kind(spot.link).comes_up_at_boot:
            spot.running, spot.process, spot.age = spot.link, world.new_process(), 0
            spot.ill = False
        else:
            spot.running = NOTHING
