"""Histories of well states, and the ways back that follow from them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.rollout.value import history
from slipway.records.catalog.models import Package, Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.reading import histories
from slipway.records.rollouts.histories.ways_back import WayBack, value_of, ways_back
from slipway.records.rollouts.histories.well_states import (
    NewWell,
    close_histories,
    note_well,
    write_wanted,
)
from slipway.records.rollouts.models import WellState
from tests.records.world import PORT, World

Place = tuple[int, int]


class Places:
    """Places of billing whose histories are written without any rollout."""

    def __init__(self, hosts: int = 1) -> None:
        self.world = World(hosts=hosts)
        self.places = [(host.pk, PORT) for host in self.world.hosts]
        for host in self.world.hosts:
            Instance.objects.create(
                service=self.world.service, environment=self.world.environment, host=host,
                port=PORT, status=0, created_at=self.world.clock(),
            )  # fmt: skip

    @property
    def place(self) -> Place:
        return self.places[0]

    def release(self, name: str, stop_timeout: str = "") -> Release:
        found = Version.objects.filter(name=name).first() or self.world.version(name)
        found.service.spec = {"stop_timeout": stop_timeout} if stop_timeout else {}
        return self.world.release_of(found)

    def well(
        self, name: str, rollout: int | None = None, *, back: bool = False, **more: str
    ) -> None:
        release = self.release(name, **more)
        note_well(
            [
                NewWell(self.world.service.pk, host, port, release.pk, rollout, going_back=back)
                for host, port in self.places
            ],
            self.world.clock(),
        )

    def way(self, present: str) -> WayBack:
        leaving = {self.place: value_of(self.release(present))}
        return ways_back(self.world.service.pk, self.world.environment.pk, leaving)[self.place]

    def names(self) -> list[str]:
        known = histories(self.world.service.pk, self.places).of(self.place)
        return [well.release.version for well in known]

    def instance(self) -> Instance:
        return Instance.objects.get(host=self.place[0])


@pytest.fixture
def places(db: None) -> Places:
    return Places()


def name_of(release: Release | None) -> str:
    return release.version.name if release else ""


def test_rollback_twice_goes_two_versions_back(places: Places) -> None:
    for name in ("1.0", "1.1", "1.2"):
        places.well(name)
    assert name_of(places.way("1.2").back) == "1.1"
    places.well("1.1", back=True)
    assert name_of(places.way("1.1").back) == "1.0"
    assert places.names() == ["1.0", "1.1", "1.2", "1.1"]


def test_an_entry_lasts_until_the_next_one_and_is_never_overwritten(places: Places) -> None:
    places.well("1.0")
    first = WellState.objects.get()
    assert first.until is None
    places.well("1.1")
    ended, newest = WellState.objects.order_by("id")
    assert (ended.release_id, ended.since, ended.depth) == (first.release_id, first.since, 0)
    assert (ended.until, newest.until, newest.depth) == (newest.since, None, 1)


def test_what_a_rollout_says_twice_is_written_once(places: Places) -> None:
    places.well("0.9")
    number = places.world.run("restart").pk
    places.well("1.0", number)
    places.well("1.1", number)
    places.well("1.0", number)  # the answer to its commit was lost
    assert places.names()[-2:] == ["1.0", "1.1"]


def test_what_is_well_is_wanted_and_what_a_rollback_leads_to_stands_beside_it(
    places: Places,
) -> None:
    places.well("1.0")
    places.well("1.1")
    instance = places.instance()
    assert (name_of(instance.release), instance.release_id) == ("1.1", places.release("1.1").pk)
    assert instance.previous_version == places.release("1.0").version
    write_wanted(places.world.service.pk, {places.place: places.release("1.0").pk})
    instance = places.instance()
    assert instance.version == places.release("1.0").version
    assert instance.previous_version is None


def test_what_was_removed_is_new_when_it_comes_again(places: Places) -> None:
    places.well("1.0")
    places.well("1.1")
    close_histories(places.world.service.pk, places.places, places.world.clock())
    assert places.way("1.1") == WayBack(is_new=True)
    places.well("1.2")
    assert places.names() == ["1.2"]
    assert WellState.objects.get(closed_at=None).depth == 0
    assert WellState.objects.filter(until=None).count() == 1


def test_settings_alone_are_no_step_and_come_back_with_their_version(places: Places) -> None:
    places.well("1.0")
    places.well("1.0", stop_timeout="7s")
    assert places.way("1.0").back is None
    places.well("1.1")
    back = places.way("1.1").back
    assert back == places.release("1.0", stop_timeout="7s")


def test_the_next_way_back_is_of_another_version_than_the_first(places: Places) -> None:
    for name in ("1.0", "1.1", "1.0", "1.2"):
        places.well(name)
    way = places.way("1.2")
    assert (name_of(way.back), name_of(way.next_back)) == ("1.0", "1.1")


def test_what_is_only_to_come_leads_back_to_what_is_there(places: Places) -> None:
    places.well("1.0")
    places.well("1.1")
    leaving = {places.place: history.Release("1.0")}
    service, environment = places.world.service.pk, places.world.environment.pk
    assert ways_back(service, environment, leaving)[places.place].back is None
    to_come = ways_back(service, environment, leaving, to_come=places.places)
    assert to_come[places.place].back == places.release("1.1")


def test_a_version_that_is_nowhere_any_more_is_no_way_back(places: Places) -> None:
    for number in range(8):
        places.well(f"1.{number}")
    places.well("1.0", back=True)
    places.well("2.0")
    Package.objects.all().update(removed_at=places.world.clock())
    assert name_of(places.way("2.0").back) == "1.0", "it lies on the host"
    leaving = {places.place: value_of(places.release("1.5"))}
    way = ways_back(places.world.service.pk, places.world.environment.pk, leaving)[places.place]
    assert {name_of(way.back), name_of(way.next_back)}.isdisjoint({"1.1", "1.2"})


@pytest.mark.parametrize("write", [True, False])
def test_it_costs_a_handful_of_queries_however_many_places_there_are(db: None, write: bool) -> None:
    places, counts = Places(hosts=4), []
    places.well("1.0")
    for some, name in ((places.places[:1], "1.1"), (places.places, "1.2")):
        release = places.release(name)
        with CaptureQueriesContext(connection) as captured:
            if write:
                service = places.world.service.pk
                news = [NewWell(service, *place, release.pk, None) for place in some]
                note_well(news, places.world.clock())
            else:
                leaving = dict.fromkeys(some, value_of(release))
                ways_back(places.world.service.pk, places.world.environment.pk, leaving)
        counts.append(len({query["sql"][:60] for query in captured}))
    assert counts[0] == counts[1] < 25
