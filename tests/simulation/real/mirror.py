"""The truth and the rows of the real level, as the invariants of both levels read them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from slipway.core.rollout.value.history import NOTHING, Release, WellState
from slipway.core.rollout.value.planned import Policy
from slipway.core.rollout.value.words import Way
from slipway.core.words.names import place_name
from slipway.records.catalog.models import Release as ReleaseRow
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.rollouts.histories.ways_back import value_of
from slipway.records.rollouts.models import Lock, Withdrawal
from slipway.records.rollouts.models import WellState as WellRow
from tests.simulation.hosts import Errand, Machine, Spot, Ticket
from tests.simulation.real import database
from tests.simulation.real.doors import Fleet
from tests.simulation.real.ground import PORTS
from tests.simulation.real.machines import Key, SimMachine
from tests.simulation.real.unchanged import Remembered
from tests.simulation.rows import PlaceRow, ServiceRow
from tests.simulation.world import SECONDS, World


class HostRow(NamedTuple):
    pk: int
    address: str
    state: str
    environment: str  # its name


class InstanceRow(NamedTuple):
    host: int
    service: int
    release: int | None
    owed: int | None
    up: bool
    locked_at: datetime | None
    is_maintain: bool


class WellEntry(NamedTuple):
    host: int
    service: int
    release: int
    rollout: int | None
    depth: int


WORKING = Ticket(Errand("", "", Way.BRING, NOTHING, ""))


class Mirror(World):
    """`fleet` and the rows are what is so; this is a picture of them, taken anew when asked."""

    def __init__(self, fleet: Fleet, services: tuple[str, ...], *, telling: bool) -> None:
        super().__init__(workers=0, telling=telling)
        self.fleet = fleet
        self.kinds = fleet.nature.kinds
        self.rows.services = {name: ServiceRow(name, Policy()) for name in services}
        self._rows = Remembered(
            database.WRITES, Host, Environment, Service, Lock, Withdrawal, Version
        )
        self._placed: object = None  # what had been written when places were last looked at
        self._of_database: object = None
        self._known: dict[int | None, Release] = {}
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
        """Take the picture of the rows anew, as far as they were written to."""
        hosts = self._rows.ask("hosts", None, _hosts)
        placed = database.WRITES.of(Host, Environment, Instance, WellRow)
        if placed != self._placed:
            self._placed = placed
            self._look_at_places(hosts)
        locked, withdrawn, windows = self._rows.ask("services", None, _of_services)
        is_closed = any(begin <= now < end for begin, end in windows)
        for name, service in self.rows.services.items():
            service.lock, service.window_closed = name in locked, is_closed
            service.withdrawn = frozenset(v for of, v in withdrawn if of == name)

    def _look_at_places(self, hosts: dict[int, HostRow]) -> None:
        for row in self.rows.places.values():
            row.wanted, row.owed, row.history = NOTHING, None, ()
            row.lock = row.maintenance = row.moved = False
        for host in hosts.values():
            for _, place in self._places_of(self.fleet.machines[host.address]):
                row = self.rows.places[place]
                row.maintenance = host.state == HostState.MAINTENANCE
                row.moved = host.environment != "prod"
        columns = Instance.objects.values_list(*InstanceRow._fields)
        instances = list(map(InstanceRow._make, columns))
        entries = list(_entries())
        releases = self._releases(
            {id for each in instances for id in (each.release, each.owed)}
            | {entry.release for entry in entries}
        )
        for instance in instances:
            place = self._place_of(hosts[instance.host], instance.service)
            _read(self.rows.places[place], instance, releases)
        for entry in entries:
            row = self.rows.places[self._place_of(hosts[entry.host], entry.service)]
            state = WellState(releases[entry.release], entry.rollout or 0, entry.depth)
            row.history = (*row.history, state)

    def _place_of(self, host: HostRow, service: int) -> str:
        machine, name = self.fleet.machines[host.address], self._service_names()[service]
        return self._at[machine.name, (name, str(PORTS[name]))]

    def _service_names(self) -> dict[int, str]:
        return self._rows.ask(
            "names", None, lambda: dict(Service.objects.values_list("pk", "name"))
        )

    def _releases(self, ids: set[int | None]) -> dict[int | None, Release]:
        """A release is a value: what it is, it stays."""
        if self._of_database != (of := database.WRITES.of()):
            self._of_database, self._known = of, {None: NOTHING}
        fresh = [id for id in ids if id is not None and id not in self._known]
        if fresh:
            found = ReleaseRow.objects.filter(pk__in=fresh).select_related("version")
            self._known |= {row.pk: value_of(row) for row in found}
        return self._known


def _hosts() -> dict[int, HostRow]:
    found = map(HostRow._make, Host.objects.values_list(*HostRow._fields[:3], "environment__name"))
    return {row.pk: row for row in found}


def _entries() -> Iterator[WellEntry]:
    entries = WellRow.objects.filter(closed_at=None).order_by("since", "id")
    return map(WellEntry._make, entries.values_list(*WellEntry._fields))


def _of_services() -> tuple[set[str], list[tuple[str, str]], list[tuple[datetime, datetime]]]:
    """What holds services, by name; what is withdrawn of each; when the environment is closed."""
    locks = Lock.objects.filter(released_at=None, holder__isnull=False)
    held = Withdrawal.objects.filter(cleared_at=None, environment__name="prod")
    windows = Environment.objects.values_list("freeze_windows", flat=True).get(name="prod")
    return (
        set(locks.values_list("service__name", flat=True)),
        list(held.values_list("version__service__name", "version__name")),
        [
            (datetime.fromisoformat(window["from"]), datetime.fromisoformat(window["until"]))
            for window in windows
        ],
    )


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


def _read(row: PlaceRow, instance: InstanceRow, releases: dict[int | None, Release]) -> None:
    row.wanted = releases[instance.release]
    row.up = instance.up
    row.owed = releases[instance.owed] if instance.owed else None
    row.lock = instance.locked_at is not None
    row.maintenance = row.maintenance or instance.is_maintain
