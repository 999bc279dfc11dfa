"""What goes wrong by itself, on the real level."""

from collections.abc import Callable
from random import Random

from tests.simulation.real.ground import PORTS
from tests.simulation.real.machines import Key, SimMachine
from tests.simulation.real.town import Town


def strike(town: Town, dice: Random) -> None:
    """Something goes wrong; what, depends on the dice."""
    machine = dice.choice(town.machines)
    service = dice.choice(town.shape.services)
    dice.choice(FAULTS)(town, machine, (service, str(PORTS[service])), dice)


def _cut(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.cut = not machine.cut
    if machine.cut:
        machine.break_connections()
    town.tell(f"{machine.name} is {'cut off' if machine.cut else 'reachable again'}")


def _cut_many(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    for each in town.machines:
        each.cut = dice.random() < 0.5
        if each.cut:
            each.break_connections()
    town.tell(f"cut off are {[m.name for m in town.machines if m.cut]}")


def _cut_in_the_middle(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.break_connections()
    town.tell(f"the connections of {machine.name} break")


def _hang(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.hung = not machine.hung
    if machine.hung:
        town.loop.call_later(20.0, machine.break_if_hung)
    town.tell(f"{machine.name} hangs: {machine.hung}")


def _refuse(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.denied = not machine.denied
    town.tell(f"{machine.name} refuses logins: {machine.denied}")


def _babble(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.babbles = not machine.babbles
    town.tell(f"{machine.name} babbles: {machine.babbles}")


def _lie(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.lies ^= {key}
    town.mirror.happened(machine, key)
    town.tell(f"{machine.name} {key} lies: {key in machine.lies}")


def _reboot(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    machine.reboot()


def _restore(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    """The machine comes back from an old copy: its tickets and its fences are of then."""
    town.tell(f"{machine.name} is restored from an old copy")
    town.watcher.restored(machine)
    machine.restore(town.old[machine.name])
    machine.reboot()


def _kill_process(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    here = machine.instances.get(key)
    town.mirror.happened(machine, key)
    if here is not None:
        here.running, here.pid = "", None
    town.tell(f"{machine.name} {key}: its process is killed from outside")


def _fill_disk(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    is_full = machine.disk_free < 1000
    town.fill(machine, is_full=not is_full)
    town.mirror.happened(machine, None)
    town.tell(f"{machine.name}: disk full {not is_full}")


def _hold_port(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    here = machine.instances.get(key)
    if key not in machine.held and here is not None and here.pid:
        return
    machine.held ^= {key}
    town.mirror.happened(machine, key)
    town.tell(f"{machine.name} {key}: port held {key in machine.held}")


def _freeze_worker(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    worker = dice.choice(town.workers)
    worker.life.frozen_until = town.time + dice.choice((8.0, 20.0, 60.0, 150.0))
    town.tell(f"{worker.name} freezes until {worker.life.frozen_until:.0f}")


def _kill_worker(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    town.kill(dice.randrange(len(town.workers)))


def _lose_database(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    town.outages.away_until = town.time + dice.choice((10.0, 30.0, 100.0))
    town.tell(f"the database is away until {town.outages.away_until:.0f}")


def _lose_commit(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    town.outages.next_commit = dice.choice(("lost", "ambiguous"))
    town.tell(f"the next commit is {town.outages.next_commit}")


def _outage(town: Town, machine: SimMachine, key: Key, dice: Random) -> None:
    town.mirror.judge.outage()
    until = town.time + dice.choice((25.0, 100.0))
    town.nature.outage_until = max(town.nature.outage_until, until)
    town.tell(f"what all versions need is away until {until:.0f}")


FAULTS: tuple[Callable[[Town, SimMachine, Key, Random], None], ...] = (
    *(_cut, _cut, _cut_many, _cut_in_the_middle, _hang, _refuse, _babble, _lie, _reboot, _reboot),
    *(_restore, _kill_process, _kill_process, _fill_disk, _hold_port, _freeze_worker),
    *(_freeze_worker, _kill_worker, _kill_worker, _lose_database, _lose_commit, _lose_commit),
    _outage,
)
