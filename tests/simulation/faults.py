"""What goes wrong by itself."""

from collections.abc import Callable
from random import Random

from slipway.core.rollout.value.history import NOTHING
from tests.simulation.driver import forget
from tests.simulation.hosts import Machine, Spot
from tests.simulation.work import reboot
from tests.simulation.world import World, interrupt


def strike(world: World, dice: Random) -> None:
    """Something goes wrong; what, depends on the dice."""
    spot = world.spots[dice.choice(list(world.spots))]
    dice.choice(FAULTS)(world, spot, dice)


def _cut(world: World, spot: Spot, dice: Random) -> None:
    machine = spot.machine
    machine.cut = not machine.cut
    world.tell(f"{machine.name} is {'cut off' if machine.cut else 'reachable again'}")


def _cut_many(world: World, spot: Spot, dice: Random) -> None:
    for machine in world.machines.values():
        machine.cut = dice.random() < 0.5
    world.tell(f"cut off are {[m.name for m in world.machines.values() if m.cut]}")


def _refuse(world: World, spot: Spot, dice: Random) -> None:
    spot.machine.refuses = not spot.machine.refuses
    world.tell(f"{spot.machine.name} refuses logins: {spot.machine.refuses}")


def _babble(world: World, spot: Spot, dice: Random) -> None:
    spot.machine.babbles = not spot.machine.babbles
    world.tell(f"{spot.machine.name} babbles: {spot.machine.babbles}")


def _lie(world: World, spot: Spot, dice: Random) -> None:
    spot.lies, spot.has_lied, spot.outside = not spot.lies, True, world.now
    world.tell(f"{spot.place} lies: {spot.lies}")


def _reboot(world: World, spot: Spot, dice: Random) -> None:
    reboot(world, spot.machine)


def _restore(world: World, spot: Spot, dice: Random) -> None:
    """The machine comes back from an old copy: its tickets and its fence are of then."""
    machine = spot.machine
    world.tell(f"{machine.name} is restored from an old copy")
    for each in world.spots.values():
        if each.machine is machine:
            world.judge.restored(each)
            each.tickets, each.fence, each.drained_by, each.hook_owed = (), (0, 0), "", False
            history = world.rows.places[each.place].history
            if history and each.link:
                each.link = history[0].release
                each.enabled = True
    reboot(world, machine)


def _kill_process(world: World, spot: Spot, dice: Random) -> None:
    world.tell(f"{spot.place}: its process is killed from outside")
    spot.running, spot.outside = NOTHING, world.now


def _kill_runner(world: World, spot: Spot, dice: Random) -> None:
    """What was sent ends in the middle, and the host goes on."""
    if spot.busy:
        world.tell(f"{spot.place}: its chain is killed")
        spot.outside = world.now
        for ticket in spot.tickets:
            if ticket.runs:
                interrupt(ticket)


def _fill_disk(world: World, spot: Spot, dice: Random) -> None:
    spot.machine.full, spot.machine.outside = not spot.machine.full, world.now
    world.tell(f"{spot.machine.name}: disk full {spot.machine.full}")


def _hold_port(world: World, spot: Spot, dice: Random) -> None:
    if spot.running and not spot.held:
        return
    spot.held, spot.outside = not spot.held, world.now
    world.tell(f"{spot.place}: port held {spot.held}")


def _freeze_worker(world: World, spot: Spot, dice: Random) -> None:
    index = dice.randrange(len(world.workers))
    world.workers[index].frozen_until = world.now + dice.choice((2, 4, 12, 30))
    world.tell(f"worker {index} freezes until {world.workers[index].frozen_until}")


def _kill_worker(world: World, spot: Spot, dice: Random) -> None:
    index = dice.randrange(len(world.workers))
    world.tell(f"worker {index} is killed")
    for number in list(world.workers[index].drivers):
        forget(world, index, number)


def _lose_database(world: World, spot: Spot, dice: Random) -> None:
    world.rows.away_until = world.now + dice.choice((2, 6, 20))
    world.tell(f"the database is away until {world.rows.away_until}")


def _lose_commit(world: World, spot: Spot, dice: Random) -> None:
    world.commit_fault = dice.choice(("lost", "ambiguous"))


def _outage(world: World, spot: Spot, dice: Random) -> None:
    world.judge.outage()
    world.outage_until = max(world.outage_until, world.now + dice.choice((5, 20)))
    world.tell(f"what all versions need is away until {world.outage_until}")


def _err(world: World, spot: Spot, dice: Random) -> None:
    """An error inside Slipway, for one place."""
    world.ours_until[spot.place] = world.now + dice.choice((3, 25))
    world.tell(f"an error of ours hides {spot.place} until {world.ours_until[spot.place]}")


def mend(world: World) -> None:
    """All that goes wrong is over."""
    world.rows.away_until = world.outage_until = -1
    world.commit_fault = ""
    world.ours_until.clear()
    for worker in world.workers:
        worker.frozen_until = -1
    for machine in world.machines.values():
        _mend_machine(machine)
    for spot in world.spots.values():
        if spot.lies:
            spot.outside = world.now
        spot.held = spot.lies = False


def _mend_machine(machine: Machine) -> None:
    machine.cut = machine.refuses = machine.babbles = machine.full = False


FAULTS: tuple[Callable[[World, Spot, Random], None], ...] = (
    *(_cut, _cut, _cut_many, _refuse, _babble, _lie, _reboot, _reboot, _restore, _kill_process),
    *(
        _kill_process,
        _kill_runner,
        _kill_runner,
        _fill_disk,
        _hold_port,
        _freeze_worker,
        _freeze_worker,
        _kill_worker,
    ),
    *(_kill_worker, _lose_database, _lose_commit, _lose_commit, _outage, _err),
)
