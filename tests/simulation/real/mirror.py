"""The truth and the rows of the real level, as the invariants of both levels read them."""

from dataclasses import replace
from datetime import datetime

from slipway.core.rollout.history import NOTHING, Release, WellState
from slipway.core.rollout.plan import place_name
from slipway.core.rollout.planned import Policy
from slipway.core.rollout.words import Way
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rollouts.models import Lock, Withdrawal
from slipway.records.rollouts.models import WellState as WellRow
from slipway.records.rollouts.ways_back import value_of
from tests.simulation.hosts import Errand, Machine, Spot, Ticket
from tests.simulation.real.doors import Fleet
from tests.simulation.real.ground import PORTS
from tests.simulation.real.machines import Key, SimMachine
from tests.simulation.rows import PlaceRow, ServiceRow
from tests.simulation.world import SECONDS, World

WORKING = Ticket(Errand("", "", Way.BRING, NOTHING, ""))


class Mirror(World):
    """`fleet` and the rows are what is so; this is a picture of them, taken anew when asked."""

    def __init__(self, fleet: Fleet, services: tuple[str, ...], *, telling: bool) -> None:
        super().__init__(workers=0, telling=telling)
        self.fleet = fleet
        self.kinds = fleet.nature.kinds
        self.rows.services = {name: ServiceRow(name, Policy()) for name in services}
        self._at: dict[tuple[str, Key], str] = {}  # place by address and key
        for machine in fleet.machines.values():
            picture = Machine(machine.name, odd=machine.odd)
            self.machines[machine.name] = picture
            for service in services:
                place = place_name(machine.name, PORTS[service])
                self.spots[place] = Spot(place, service, picture)
                self.rows.places[place] = PlaceRow(place, service)
                self._at[machine.name, (service, str(PORTS[service]))] = place

    def place(self, machine: SimMachine, key: Key) -> str:
        return self._at[machine.name, key]

    def spot(self, machine: SimMachine, key: Key) -> Spot:
        return self.spots[self.place(machine, key)]

    # --- the truth ---------------------------------------------------------------------------

    def look_at_hosts(self, time: float) -> None:
        self.now = time / SECONDS  # type: ignore[assignment]  # here time is no number of ticks
        self.outage_until = self.fleet.nature.outage_until / SECONDS  # type: ignore[assignment]
        for machine in self.fleet.machines.values():
            picture = self.machines[machine.name]
            picture.boot = machine.boots
            picture.cut = machine.cut or machine.hung or time < machine.down_until
            picture.refuses, picture.babbles = machine.denied, machine.babbles
            picture.full = machine.disk_free < 1000
            for key, place in self._places_of(machine):
                _picture(self.spots[place], machine, key)

    def _places_of(self, machine: SimMachine) -> list[tuple[Key, str]]:
        return [(key, place) for (name, key), place in self._at.items() if name == machine.name]

    def happened(self, machine: SimMachine, key: Key | None) -> None:
        """Something came from outside."""
        if key is None:
            self.machines[machine.name].outside = self.now
        elif (machine.name, key) in self._at:
            self.spot(machine, key).outside = self.now

    # --- the rows ----------------------------------------------------------------------------

    def look_at_rows(self, now: datetime) -> None:
        hosts = {host.pk: host for host in Host.objects.select_related("environment")}
        for row in self.rows.places.values():
            row.wanted, row.owed, row.history = NOTHING, None, ()
            row.lock = row.maintenance = row.moved = False
        for host in hosts.values():
            for _, place in self._places_of(self.fleet.machines[host.address]):
                row = self.rows.places[place]
                row.maintenance = host.state == HostState.MAINTENANCE
                row.moved = host.environment.name != "prod"
        instances = Instance.objects.select_related(
            "service", "version", "release__version", "owed__version"
        )
        for instance in instances:
            place = self._place_of(hosts[instance.host_id], instance.service.name)
            _read(self.rows.places[place], instance)
        self._look_at_histories(hosts)
        self._look_at_services(now)

    def _place_of(self, host: Host, service: str) -> str:
        machine = self.fleet.machines[host.address]
        return self._at[machine.name, (service, str(PORTS[service]))]

    def _look_at_histories(self, hosts: dict[int, Host]) -> None:
        entries = WellRow.objects.filter(closed_at=None).select_related(
            "release__version", "service"
        )
        for entry in entries.order_by("since", "id"):
            row = self.rows.places[self._place_of(hosts[entry.host_id], entry.service.name)]
            state = WellState(value_of(entry.release), entry.rollout_id or 0, entry.depth)
            row.history = (*row.history, state)

    def _look_at_services(self, now: datetime) -> None:
        locks = Lock.objects.filter(released_at=None, holder__isnull=False)
        locked = set(locks.values_list("service__name", flat=True))
        held = Withdrawal.objects.filter(cleared_at=None, environment__name="prod")
        withdrawn = list(held.values_list("version__service__name", "version__name"))
        environment = Host.objects.filter(environment__name="prod").first()
        windows = environment.environment.freeze_windows if environment else []
        is_closed = any(
            datetime.fromisoformat(w["from"]) <= now < datetime.fromisoformat(w["until"])
            for w in windows
        )
        for name, service in self.rows.services.items():
            service.lock, service.window_closed = name in locked, is_closed
            service.withdrawn = frozenset(v for of, v in withdrawn if of == name)


def _picture(spot: Spot, machine: SimMachine, key: Key) -> None:
    here = machine.instances.get(key)
    spot.held, spot.lies = key in machine.held, key in machine.lies
    spot.tickets = (replace(WORKING),) if machine.is_working(key) else ()
    if here is None:
        spot.link = spot.running = NOTHING
        return
    fingerprint = here.fingerprint.partition(".")[0]
    started_with, _, orders = here.started_with.partition(".")
    spot.link = Release(here.link, fingerprint) if here.link else NOTHING
    spot.running = Release(here.running, started_with) if here.pid else NOTHING
    spot.orders = orders
    spot.process = here.pid or 0
    spot.enabled, spot.hook_owed = here.enabled, here.hook_owed
    spot.drained_by = max(here.drains, default="")
    spot.ill = here.pid in machine.ill


def _read(row: PlaceRow, instance: Instance) -> None:
    row.wanted = value_of(instance.release) if instance.release else NOTHING
    row.up = instance.up
    row.owed = value_of(instance.owed) if instance.owed else None
    row.lock = instance.locked_at is not None
    row.maintenance = row.maintenance or instance.is_maintain
