"""Jenkins as a build server: orders, the queue, builds, and what is asked of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import BuildGone, ServerRefused
from tests.adapters.builds.jenkins.orders import OTHER_SHA, SHA, order, running, server
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_state import Change

MINUTE = 60_000


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


def test_an_order_waits_in_the_queue_and_says_why(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    seen = server.look(wanted, place)
    assert (place, seen.id, seen.status) == ("queue:1", "queue:1", SeenStatus.WAITING)
    assert str(seen.says) == "Waiting for next available executor"
    assert (seen.correlation, seen.ref) == ("b-7", "main")


def test_a_place_in_the_queue_becomes_a_number(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    jenkins.leave_queue(jenkins.newest_item())
    seen = server.look(wanted, place)
    assert (seen.id, seen.status) == ("1", SeenStatus.RUNNING)
    assert seen.url == f"{jenkins.url}/job/team/job/billing/1/"
    assert seen.started_at is not None
    assert seen.finished_at is None


def test_a_forgotten_place_in_the_queue_is_found_among_the_builds(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    item = jenkins.newest_item()
    jenkins.leave_queue(item)
    jenkins.run(jenkins.jobs["team"].children["billing"])
    jenkins.expire_item(item)
    assert server.look(wanted, place).id == "1"


def test_a_forgotten_place_that_led_to_nothing_is_gone(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    jenkins.expire_item(jenkins.newest_item())
    with pytest.raises(BuildGone, match="queue:1"):
        server.look(wanted, place)


def test_what_is_taken_out_of_the_queue_is_cancelled(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    server.cancel(wanted, place)
    assert jenkins.newest_item().cancelled
    assert server.look(wanted, place).status is SeenStatus.CANCELLED


def test_cancelling_a_place_that_was_left_meanwhile_ends_its_build(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    jenkins.leave_queue(jenkins.newest_item())
    server.cancel(wanted, place)
    assert server.look(wanted, place).status is SeenStatus.CANCELLED


def test_cancelling_twice_or_what_is_gone_is_fine(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    server.cancel(wanted, build_id)
    server.cancel(wanted, build_id)
    assert server.look(wanted, build_id).status is SeenStatus.CANCELLED
    jenkins.delete(build)
    server.cancel(wanted, build_id)
    server.cancel(wanted, "queue:1")
    server.cancel(wanted, "queue:99")


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ("SUCCESS", SeenStatus.SUCCESS),
        ("UNSTABLE", SeenStatus.FAILED),
        ("FAILURE", SeenStatus.FAILED),
        ("NOT_BUILT", SeenStatus.FAILED),
        ("ABORTED", SeenStatus.CANCELLED),
        ("SPLENDID", SeenStatus.FAILED),
    ],
)
def test_each_result_has_its_status_and_a_sentence(
    jenkins: JenkinsStand, result: str, status: SeenStatus
) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.finish(build, result)
    seen = server.look(wanted, build_id)
    assert seen.status is status
    assert (result in str(seen.says)) is (status is not SeenStatus.SUCCESS)
    assert seen.finished_at is not None
    assert seen.started_at is not None
    assert seen.finished_at > seen.started_at


def test_the_commit_is_that_of_the_ref_and_not_of_a_library(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, commit="")
    build_id, build = running(jenkins, wanted)
    build.libraries.append((OTHER_SHA, "refs/remotes/origin/v2"))
    jenkins.succeed(build, commit=SHA)
    assert server.look(wanted, build_id).commit == SHA


def test_of_two_commits_that_nobody_can_tell_apart_none_is_taken(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, commit="")
    build_id, build = running(jenkins, wanted)
    build.libraries.append((OTHER_SHA, "detached"))
    build.ref = "elsewhere"
    jenkins.succeed(build, commit=SHA)
    assert server.look(wanted, build_id).commit == ""


def test_a_deleted_build_is_gone(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.delete(build)
    for ask in (server.look, lambda o, i: server.log(o, i, ""), _fetched):
        with pytest.raises(BuildGone, match="does not know the build 1"):
            ask(wanted, build_id)


def _fetched(wanted, build_id):  # type: ignore[no-untyped-def]
    with server.fetch(wanted, build_id) as package:
        return b"".join(package.chunks)


@pytest.mark.parametrize("build_id", ["", "x", "-1", "queue:", "queue:x", "a/b/1", "1/artifact"])
def test_what_is_no_id_of_ours_is_gone(jenkins: JenkinsStand, build_id: str) -> None:
    with pytest.raises(BuildGone):
        server.look(order(jenkins), build_id)


def test_an_order_is_found_in_the_queue_and_among_the_builds(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    assert server.find(wanted) is None
    server.start(order(jenkins, correlation="b-other"))
    server.start(wanted)
    waiting = server.find(wanted)
    assert waiting is not None
    assert (waiting.id, waiting.status) == ("queue:2", SeenStatus.WAITING)
    jenkins.leave_queue(jenkins.newest_item())
    found = server.find(wanted)
    assert found is not None
    assert (found.id, found.status) == ("1", SeenStatus.RUNNING)


def test_of_a_build_and_its_rebuild_the_first_is_ours(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    _, build = running(jenkins, wanted)
    jenkins.abort(build)
    again = jenkins.rebuild(build)
    found = server.find(wanted)
    assert found is not None
    assert (found.id, again.number) == ("1", 2)


def test_a_job_that_hands_our_mark_on_is_not_taken_for_ours(jenkins: JenkinsStand) -> None:
    downstream = jenkins.add_job("team/deploy")
    jenkins.accept(downstream, {"SLIPWAY_BUILD": "b-7"})
    assert server.find(order(jenkins)) is None


def test_an_order_without_mark_finds_nothing(jenkins: JenkinsStand) -> None:
    jenkins.run(jenkins.jobs["team"].children["billing"], SLIPWAY_BUILD="")
    assert server.find(order(jenkins, correlation="")) is None


def test_recent_builds_are_listed_whoever_started_them(jenkins: JenkinsStand) -> None:
    job = jenkins.jobs["team"].children["billing"]
    times = iter(range(1_700_000_000_000, 1_800_000_000_000, MINUTE))
    jenkins.clock = lambda: next(times)
    old = jenkins.run(job, REF="main")
    jenkins.succeed(old, commit=OTHER_SHA)
    theirs = jenkins.run(job, REF="release/1")
    jenkins.succeed(theirs, commit=SHA)
    jenkins.run(job, REF="main")
    since = datetime.fromtimestamp(theirs.timestamp / 1000, UTC)
    found = server.list_recent(order(jenkins, ref="anything", correlation="x"), since)
    assert [(b.id, b.status, b.ref, b.commit) for b in found] == [
        ("3", SeenStatus.RUNNING, "main", ""),
        ("2", SeenStatus.SUCCESS, "release/1", SHA),
    ]
    assert len(server.list_recent(order(jenkins), since - timedelta(hours=1))) == 3


def test_commits_between_two_builds_come_from_their_change_logs(jenkins: JenkinsStand) -> None:
    job = jenkins.jobs["team"].children["billing"]
    for number in range(1, 5):
        changes = [
            Change(f"{number}{letter}", at=number * 1000 + place)
            for place, letter in enumerate("ab")
        ]
        jenkins.succeed(jenkins.run(job, REF="main"), commit=f"{number}b", changes=changes)
    found = server.compare(order(jenkins), "1b", "3b")
    assert [commit.id for commit in found.commits] == ["3b", "3a", "2b", "2a"]
    assert (found.total, found.commits[0].author, found.commits[0].title) == (
        4,
        "Alice",
        "Change something",
    )
    assert server.compare(order(jenkins), "1b", "nobody's").total == 0
    assert server.compare(order(jenkins), "3b", "1b").total == 0


def test_a_freestyle_job_tells_its_one_change_log(jenkins: JenkinsStand) -> None:
    job = jenkins.add_job("old", kind="FreeStyleProject")
    jenkins.succeed(jenkins.run(job, REF="main"), commit="1b")
    jenkins.succeed(jenkins.run(job, REF="main"), commit="2b", changes=[Change("2b")])
    assert server.compare(order(jenkins, "old"), "1b", "2b").total == 1


def test_the_commit_of_a_ref_nobody_can_say_before(jenkins: JenkinsStand) -> None:
    assert server.resolve(order(jenkins)) == ""
    with pytest.raises(ServerRefused, match="has no job “team/nothing”"):
        server.resolve(order(jenkins, "team/nothing"))


def test_a_disabled_job_is_refused(jenkins: JenkinsStand) -> None:
    jenkins.jobs["team"].children["billing"].buildable = False
    with pytest.raises(ServerRefused, match="cannot be built now"):
        server.start(order(jenkins))


def test_a_jenkins_that_believes_in_another_address_is_understood() -> None:
    with JenkinsStand(prefix="/ci", root_url="https://jenkins.internal/ci/") as jenkins:
        jenkins.add_job("team/billing")
        wanted = order(jenkins)
        build_id, _ = running(jenkins, wanted)
        assert build_id == "1"
        assert server.look(wanted, build_id).url == f"{jenkins.url}/job/team/job/billing/1/"
