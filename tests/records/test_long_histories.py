"""Of a long history only its end is read: what follows from it is what follows from all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slipway.core.rollout.plans.as_json import plan_as_json
from slipway.core.rollout.value import history
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Package, Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories import reading as histories
from slipway.records.rollouts.histories.ways_back import value_of, ways_back
from slipway.records.rollouts.histories.well_states import NewWell, note_well
from slipway.records.rollouts.models import WellState, Withdrawal
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.run.keeping import kept_on_hosts
from tests.records.world import PORT, World

pytestmark = pytest.mark.django_db
ALL = 10_000  # entries: more than there are
NAMES = ("1", "2", "3", "4", "5")
RELEASES = tuple((name, how) for name in NAMES for how in ("", "7s"))
Story = list[tuple[str, str] | bool]  # forth to a release, or back (True: by the same rollout)
FORTH = st.sampled_from(RELEASES)
STORIES = st.lists(FORTH | FORTH | st.sampled_from([True, False, False]), max_size=30)


class Told(NamedTuple):
    """What is so at the end of two stories. `wanted` and `linked`: places that are said to be at
    something else than what was well there last."""

    stories: tuple[Story, Story]
    withdrawn: frozenset[str]
    gone: frozenset[str]
    wanted: tuple[str, str] | None
    linked: str
    coming: tuple[str, str]
    read: int


TOLD = st.builds(
    Told,
    stories=st.tuples(STORIES, STORIES),
    withdrawn=st.frozensets(st.sampled_from(NAMES), max_size=3),
    gone=st.frozensets(st.sampled_from(NAMES), max_size=3),
    wanted=st.none() | FORTH,
    linked=st.sampled_from(["", "", "", *NAMES]),
    coming=FORTH,
    read=st.sampled_from([1, 2, 3, 8]),
)
TO_AND_FRO: Story = [("1", ""), ("2", "")] * 12
UP_AND_DOWN: Story = [*(RELEASES[:8:2]), ("5", ""), *[False] * 4]


class Ground:
    """billing on two hosts, with all releases there are, and answers about them."""

    def __init__(self) -> None:
        self.world = World(hosts=2)
        self.service, self.environment = self.world.service, self.world.environment
        self.rows = {each: self._release(*each) for each in RELEASES}
        self.service.spec = {}
        self.service.save()
        for host in self.world.hosts:
            Instance.objects.create(
                service=self.service, environment=self.environment, host=host, port=PORT,
                status=0, created_at=self.world.clock(),
            )  # fmt: skip
        self.places = [(host.pk, PORT) for host in self.world.hosts]

    def _release(self, name: str, stop_timeout: str) -> Release:
        found = Version.objects.filter(name=name).first() or self.world.version(name)
        found.service.spec = {"stop_timeout": stop_timeout} if stop_timeout else {}
        return self.world.release_of(found)

    def tell(self, told: Told) -> None:
        for place, story in zip(self.places, told.stories, strict=True):
            self._write(place, story)
        for name in told.withdrawn:
            Withdrawal.objects.create(
                version=self.rows[name, ""].version,
                environment=self.environment,
                since=self.world.clock(),
            )
        Package.objects.filter(versions__name__in=told.gone).update(removed_at=self.world.clock())
        if told.linked:
            Instance.objects.update(seen_link=told.linked, seen_at=self.world.clock())
        if told.wanted is not None:
            release = self.rows[told.wanted]
            Instance.objects.update(release=release, version=release.version)

    def _write(self, place: tuple[int, int], story: Story) -> None:
        """The rows of a history, as the rules alone make it."""
        wells: history.History = ()
        rows = {value_of(row): row for row in self.rows.values()}
        number = 0
        for step in story:
            here = wells[-1].release if wells else history.NOTHING
            value = (
                history.way_back(wells, here)
                if isinstance(step, bool)
                else value_of(self.rows[step])
            )
            if value is None:
                continue
            number += step is not True
            wells = history.append_well(wells, value, number, going_back=isinstance(step, bool))
        for well in wells:
            WellState.objects.create(
                service=self.service, host_id=place[0], port=place[1], release=rows[well.release],
                rollout_id=well.rollout or None, depth=well.depth, since=self.world.clock(),
            )  # fmt: skip
        if wells:
            release = rows[wells[-1].release]
            Instance.objects.filter(host=place[0]).update(release=release, version=release.version)

    def answers(self, told: Told) -> dict[str, object]:
        kept = kept_on_hosts(self.service.pk, [host for host, _ in self.places])
        return {
            "ways": [self._ways(each, told) for each in (*self.rows.values(), None)],
            "kept": {host: set(names) for host, names in kept.items()},
            "plans": list(self._plans(told.coming)),
            "appended": list(self._appended(told.coming)),
        }

    def _ways(self, leaving: Release | None, told: Told) -> list[object]:
        asked = dict.fromkeys(self.places, value_of(leaving))
        of = self.service.pk, self.environment.pk, asked
        return [ways_back(*of), ways_back(*of, to_come=self.places)]

    def _plans(self, coming: tuple[str, str]) -> Iterator[object]:
        version = self.rows[coming].version
        wishes = (
            self.world.wish("upgrade", version),
            self.world.wish("apply"),
            self.world.wish("revert"),
            self.world.wish("revert", version),
            self.world.wish("revert", settings_back=True),
        )
        for wish in wishes:
            try:
                outlook = planning.make_plan(wish, self.world.clock.now)
            except Refused as refused:
                yield refused.sentence
            else:
                yield plan_as_json(outlook.plan), outlook.obstacles, outlook.notes

    def _appended(self, coming: tuple[str, str]) -> Iterator[object]:
        """What becomes of what is well next, forth and back, said by a new or the last rollout."""
        release = self.rows[coming].pk
        last = {
            host: number or 0 for host, number in WellState.objects.values_list("host", "rollout")
        }
        for back in (False, True):
            for later in (0, 1):
                news = [
                    NewWell(self.service.pk, *place, release, last.get(place[0], 0) + later, back)
                    for place in self.places
                ]
                with undone():
                    note_well(news, self.world.clock.now)
                    entries = WellState.objects.order_by("host", "id")
                    wanted = Instance.objects.order_by("id")
                    yield (
                        list(entries.values_list("host", "release", "depth", "until")),
                        list(wanted.values_list("release", "previous_version")),
                    )


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.long
@given(TOLD)
@example(Told((TO_AND_FRO, TO_AND_FRO[1:]), frozenset(), frozenset(), None, "", ("3", ""), 2))
@example(Told((UP_AND_DOWN, UP_AND_DOWN), frozenset(), frozenset("3"), None, "", ("2", ""), 2))
@example(Told((TO_AND_FRO, UP_AND_DOWN), frozenset("1"), frozenset(), ("4", ""), "", ("1", ""), 3))
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_end_of_a_history_says_what_all_of_it_says(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    with undone():
        ground.tell(told)
        monkeypatch.setattr(histories, "NEWEST", ALL)
        whole = ground.answers(told)
        monkeypatch.setattr(histories, "NEWEST", told.read)
        for what, answer in ground.answers(told).items():
            assert answer == whole[what], what


@pytest.fixture
def ground() -> Ground:
    return Ground()
