"""What is left of builds by command goes after a while, and only so many run at once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from slipway.adapters.builds.command.places import KEPT, Workshop
from slipway.adapters.builds.command.server import CommandServer
from slipway.ports.builds import ServerTrouble
from tests.adapters.builds.command.bench import SUCCESS, Bench, a_bench

DAY = timedelta(days=1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def test_old_builds_go_and_running_ones_stay(bench: Bench) -> None:
    bench.commit("[ $SLIPWAY_BUILD = b-old ] || sleep 600")
    old = bench.build(bench.order(correlation="b-old"))
    order = bench.order(correlation="b-young")
    bench.start(order)
    assert old.finished_at is not None
    bench.server.tidy(old.finished_at + 2 * DAY - timedelta(hours=1))
    assert bench.place("b-old").folder.exists()
    bench.server.tidy(old.finished_at + 2 * DAY + timedelta(hours=1))
    assert [path.name for path in bench.builds.iterdir()] == ["b-young"]
    workshop = Workshop(bench.builds)
    assert not workshop.forget(bench.place("b-young"))
    assert not workshop.forget(bench.place("b-old"))


def test_one_that_finds_no_room_waits_and_is_begun_later(bench: Bench) -> None:
    bench.server = CommandServer(bench.builds, at_once=1)
    bench.commit("[ $SLIPWAY_BUILD = b-quick ] || sleep 600")
    first, second = bench.order(correlation="b-long"), bench.order(correlation="b-quick")
    build_id = bench.start(first)
    with pytest.raises(ServerTrouble, match="this one waits"):
        bench.server.start(second)
    assert bench.server.find(second) is None
    bench.server.cancel(first, build_id)
    assert bench.build(second).status is SUCCESS


def test_no_more_than_the_youngest_are_kept(bench: Bench) -> None:
    bench.commit("mkdir -p a/b; touch a/b/c; chmod 0 a/b a; exit 1")
    seen = bench.build(bench.order(correlation="b-00"))
    assert seen.finished_at is not None
    ended_at = seen.finished_at.timestamp()
    for number in range(1, KEPT + 2):
        place = bench.place(f"b-{number:02}")
        place.folder.mkdir()
        place.write_note(started_at=ended_at)
        place.write_result(status="failed", finished_at=ended_at + number)
    bench.start(bench.order(correlation="b-99"))
    left = sorted(path.name for path in bench.builds.iterdir())
    ended = [name for name in left if name != "b-99"]
    assert len(ended) in (KEPT - 1, KEPT)  # the last one may have ended, and counts then
    assert ended == [f"b-{number:02}" for number in range(2, KEPT + 2)][-len(ended) :]
