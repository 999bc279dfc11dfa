"""What every build server has to hold, whatever its kind: the contract of ports.builds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.settings import matches
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import BuildGone, PackageMissing, ServerRefused, StartUnsure
from tests.adapters.builds.rigs import FILE, RIGS, Rig

PIECE = 256 * 1024
PACKAGE = bytes(range(256)) * 1024


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as made:
        yield made


@pytest.fixture
def started(rig: Rig) -> tuple[BuildOrder, str]:
    """An order, and the id of its build, which waits."""
    order = rig.order()
    return order, rig.server.start(order)


Started = tuple[BuildOrder, str]


def test_a_ref_stands_for_its_commit(rig: Rig) -> None:
    assert rig.server.resolve(rig.order()) == rig.commit


def test_a_ref_that_is_not_there_is_refused(rig: Rig) -> None:
    if not rig.commit:
        pytest.skip("this server only says so once it builds")
    for ref in ("no-such-branch", "a b;c", "../../main", "--upload-pack=x"):
        with pytest.raises(ServerRefused):
            rig.server.resolve(replace(rig.order(), ref=ref))


def test_a_started_build_is_under_way(rig: Rig, started: Started) -> None:
    seen = rig.server.look(*started)
    assert seen.status in (SeenStatus.WAITING, SeenStatus.RUNNING)
    assert seen.ref == "main"


def test_a_build_is_asked_with_the_id_that_it_told_last(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    seen = rig.server.look(order, build_id)
    assert rig.server.look(order, seen.id).id == seen.id


def test_a_build_is_found_by_its_correlation_and_no_other(rig: Rig, started: Started) -> None:
    order, _ = started
    another = rig.order()
    assert rig.server.find(another) is None
    other_id = rig.server.start(another)
    found, other = rig.server.find(order), rig.server.find(another)
    assert found is not None
    assert other is not None
    assert found.correlation == order.correlation
    assert other.correlation == another.correlation
    assert found.id != other.id
    assert rig.server.look(another, other.id).id == rig.server.look(another, other_id).id


def test_a_build_whose_start_went_unanswered_was_started_once(rig: Rig) -> None:
    order = rig.order()
    rig.lose_next_start()
    with pytest.raises(StartUnsure):
        rig.server.start(order)
    found = rig.server.find(order)
    assert found is not None
    assert not rig.server.look(order, found.id).status.is_over


def test_a_build_runs_and_ends_well(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    assert rig.server.look(order, build_id).status is SeenStatus.RUNNING
    rig.succeed(build_id, PACKAGE)
    seen = rig.server.look(order, build_id)
    assert seen.status is SeenStatus.SUCCESS
    assert seen.commit == rig.commit or not rig.commit


def test_a_build_ends_badly(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.fail(build_id)
    assert rig.server.look(order, build_id).status is SeenStatus.FAILED


def test_the_package_is_what_the_build_made(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.succeed(build_id, PACKAGE)
    seen = rig.server.look(order, build_id)
    with rig.server.fetch(order, seen.id) as package:
        assert package.filename in (FILE, "package.tar.gz")
        assert b"".join(package.chunks) == PACKAGE


def test_a_build_without_its_package_says_so(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.succeed(build_id)
    seen = rig.server.look(order, build_id)
    with pytest.raises(PackageMissing) as missing, rig.server.fetch(order, seen.id):
        pass
    assert missing.value.hint


def test_a_log_goes_on_where_it_was_left(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.print(build_id, "\x1b[32mcompiling\x1b[0m\r50 %\r")
    first = rig.server.log(order, build_id, "")
    rig.print(build_id, "100 % — done\n")
    second = rig.server.log(order, build_id, first.position)
    rest = rig.server.log(order, build_id, second.position)
    assert "\x1b[32mcompiling\x1b[0m\r50 %\r" in first.text
    assert second.text == "100 % — done\n"
    assert rest.text == ""


def test_a_long_log_comes_in_pieces(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    printed = "".join(f"line {number}: ä\n" for number in range(50_000))
    rig.print(build_id, printed)
    rig.succeed(build_id, PACKAGE)
    whole, position = "", ""
    while True:
        piece = rig.server.log(order, build_id, position)
        assert len(piece.text) <= PIECE
        if not piece.text:
            break
        whole, position = whole + piece.text, piece.position
    assert printed in whole


def test_a_cancelled_build_ends(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.server.cancel(order, build_id)
    assert rig.server.look(order, build_id).status is SeenStatus.CANCELLED
    rig.server.cancel(order, build_id)  # fine


def test_a_build_that_has_ended_cannot_be_cancelled_any_more(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.succeed(build_id, PACKAGE)
    rig.server.cancel(order, build_id)
    assert rig.server.look(order, build_id).status is SeenStatus.SUCCESS


def test_a_build_that_the_server_forgot_is_gone(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.succeed(build_id, PACKAGE)
    rig.vanish(build_id)
    with pytest.raises(BuildGone):
        rig.server.look(order, build_id)
    with pytest.raises(BuildGone):
        rig.server.log(order, build_id, "")
    with pytest.raises(BuildGone), rig.server.fetch(order, build_id):
        pass
    rig.server.cancel(order, build_id)  # fine


def test_builds_of_others_are_told_as_well_as_ours(rig: Rig, started: Started) -> None:
    order, build_id = started
    rig.run(build_id)
    rig.outside()
    recent = rig.server.list_recent(order, datetime.now(UTC) - timedelta(hours=1))
    assert sorted(seen.correlation for seen in recent) == ["", order.correlation]
    assert len({seen.id for seen in recent}) == 2
    assert {seen.ref for seen in recent} == {"main"}


def test_a_change_that_somebody_asks_to_be_merged_is_meant_by_no_star(rig: Rig) -> None:
    order = rig.order()
    rig.outside_change()
    [seen] = rig.server.list_recent(order, datetime.now(UTC) - timedelta(hours=1))
    assert not matches(seen.ref, ["*"])
    assert matches(seen.ref, ["refs/*"])
    assert rig.server.look(order, seen.id).ref == seen.ref


def test_a_test_raises_nothing_and_finds_something(rig: Rig) -> None:
    order = rig.order()
    findings = rig.server.test(order.access, order.project)
    assert findings
    assert all(finding.works for finding in findings), findings
