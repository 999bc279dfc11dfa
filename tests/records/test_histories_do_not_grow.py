"""What a rollout costs does not grow with the rollouts that its places have seen."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from slipway.core.rollout.value import history
from slipway.records.catalog.models import Release, Version
from slipway.records.rollouts.histories.ways_back import value_of
from slipway.records.rollouts.histories.well_states import NewWell, note_well
from slipway.records.rollouts.models import Rollout, Target, WellState
from slipway.records.rollouts.run.keeping import kept_on_hosts
from tests.records.test_long_histories import undone
from tests.records.world import World

pytestmark = pytest.mark.django_db
FEW, MANY = 10, 300


class Past:
    """billing on three hosts, where one rollout after the other was well."""

    def __init__(self, name: Callable[[int], str], goes_back: Callable[[int], bool]) -> None:
        self.world, self._name, self._goes_back = World(hosts=3), name, goes_back
        self.coming = self.world.version("9.9")
        for number in (0, 1):
            self.world.run("upgrade" if number else "deploy", self._version(number))
        self._seen = 2
        self._releases: dict[int, Release] = {}

    def go_on(self, until: int) -> None:
        """As rollouts would have left it: each like the one before it, but for its version."""
        last = Rollout.objects.order_by("id").last()
        assert last is not None
        targets = list(Target.objects.filter(rollout=last))
        wells: tuple[history.WellState, ...] = ()
        for well in WellState.objects.filter(host=targets[0].host_id).order_by("id"):
            wells = (*wells, history.WellState(value_of(well.release), 0, well.depth))
        entries: list[WellState] = []
        for number in range(self._seen, until):
            release = self._release(number)
            back = self._goes_back(number)
            wells = history.append_well(wells, value_of(release), 0, going_back=back)
            last.pk, last.version = None, release.version
            last.save()
            for each in targets:
                each.pk, each.rollout = None, last
                each.to_version, each.to_release = release.version, release
            Target.objects.bulk_create(targets)
            entries += [
                WellState(
                    service=self.world.service, host_id=each.host_id, port=each.port,
                    release=release, rollout=last, depth=wells[-1].depth, since=last.created_at,
                )
                for each in targets
            ]  # fmt: skip
        WellState.objects.filter(until=None).update(until=last.created_at)
        WellState.objects.bulk_create(entries)
        self._seen = until

    def _release(self, number: int) -> Release:
        version = self._version(number)
        if version.pk not in self._releases:
            self._releases[version.pk] = self.world.release_of(version)
        return self._releases[version.pk]

    def _version(self, number: int) -> Version:
        name = self._name(number)
        return Version.objects.filter(name=name).first() or self.world.version(name)

    def start(self) -> None:
        self.world.start("upgrade", self.coming)

    def go_back(self) -> None:
        self.world.start("revert")

    def keep(self) -> None:
        kept_on_hosts(self.world.service.pk, [host.pk for host in self.world.hosts])

    def commit(self) -> None:
        release = self.world.release_of(self.coming)
        last = WellState.objects.order_by("id").last()
        assert last is not None
        of, number = self.world.service.pk, (last.rollout_id or 0) + 1
        place = last.host_id, last.port
        note_well([NewWell(of, *place, release.pk, number)], self.world.clock())


class Cost:
    """Which statements are asked, and how many rows come back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.statements, self.rows = Counter[str](), Counter[str]()

    def of(self, deed: Callable[[], None]) -> tuple[Counter[str], Counter[str]]:
        self.statements, self.rows = Counter(), Counter()
        with self._patch.context() as patch, connection.execute_wrapper(self._asked), undone():
            for name in ("fetchone", "fetchmany", "fetchall"):
                patch.setattr(CursorWrapper, name, self._fetching(name), raising=False)
            deed()
        return self.statements, self.rows

    def _asked(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        context["cursor"].sql = sql
        # A savepoint has a name of its own each time.
        self.statements[sql.partition("SAVEPOINT")[0] or "SAVEPOINT"] += 1
        return execute(sql, params, many, context)

    def _fetching(self, name: str) -> Callable[..., Any]:
        def fetch(cursor: Any, *args: Any) -> Any:
            found = getattr(cursor.cursor, name)(*args)
            rows = found if isinstance(found, list) else [found] if found else []
            self.rows[cursor.sql] += len(rows)
            return found

        return fetch


def to_and_fro(number: int) -> str:
    return f"1.{number % 2}"


def ever_new(number: int) -> str:
    return f"1.{number}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "goes_back"),
    [
        pytest.param(ever_new, lambda _: False, id="always a new version"),
        pytest.param(to_and_fro, lambda _: False, id="the same two versions"),
        pytest.param(to_and_fro, lambda number: number % 2 == 0, id="forth and back"),
    ],
)
def test_what_is_asked_and_read_does_not_grow(
    name: Callable[[int], str], goes_back: Callable[[int], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    past, cost = Past(name, goes_back), Cost(monkeypatch)
    deeds = (past.start, past.go_back, past.keep, past.commit)
    past.go_on(FEW)
    few = [cost.of(deed) for deed in deeds]
    past.go_on(MANY)
    for deed, before in zip(deeds, few, strict=True):
        statements, rows = cost.of(deed)
        assert statements - before[0] == Counter(), deed.__name__
        assert rows - before[1] == Counter(), deed.__name__
