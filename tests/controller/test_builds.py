"""Builds from the wish to the version, with a build server in memory and a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.builds.state import SEARCH_TIME, SeenStatus
from slipway.core.words.versions import VersionStatus as V
from slipway.ports import StoreFull
from slipway.ports.builds import ServerRefused, ServerTrouble, StartUnsure
from slipway.records.audit.models import Event
from slipway.records.builds.operations import builds
from slipway.records.builds.queries.builds import get_late_offers, get_log
from slipway.records.catalog.models import Package
from tests.controller.works import PACKAGE, Works

LOST = StartUnsure("The answer was lost.")
DOWN = ServerTrouble("GitLab answers 502.")


def succeed(works: Works, build_id: str = "1", package: bytes = PACKAGE) -> None:
    works.gitlab.say(build_id, SeenStatus.SUCCESS, package=package)


def test_a_wish_becomes_a_version_with_its_package_and_its_log(works: Works) -> None:
    build = works.ask(ref="main")
    assert works.status(build) is V.PENDING
    works.work()
    assert works.status(build) is V.BUILDING
    works.gitlab.say("1", SeenStatus.RUNNING, log="compiling\n")
    works.work_and_wait()
    assert get_log(works.now(build)).text == "compiling\n"
    works.gitlab.say("1", SeenStatus.SUCCESS, log="packed\n", package=PACKAGE)
    works.work_and_wait()
    made = works.now(build)
    assert works.status(build) is V.SUCCESS
    assert made.version.package is not None
    assert made.version.spec == {"run": "./billing"}
    assert made.version.build_log == "compiling\npacked\n"
    assert made.version.commit == "a" * 40
    assert made.version.name.endswith("-main-aaaaaaa")
    assert made.version.build_url == "https://ci.example.com/1"
    assert made.claimed_by == ""
    assert made.due_at is None


def test_the_log_is_read_on_from_any_character(works: Works) -> None:
    build = works.ask()
    works.work()
    for line in ("one\n", "two\n", "three\n"):
        works.gitlab.say("1", SeenStatus.RUNNING, log=line)
        works.work_and_wait()
    whole = "one\ntwo\nthree\n"
    for start in range(len(whole) + 1):
        assert get_log(works.now(build), start).text == whole[start:]


def test_a_version_holds_a_glance_of_its_log_and_the_build_the_whole(works: Works) -> None:
    build = works.ask()
    works.work()
    for part in range(40):
        works.gitlab.say("1", SeenStatus.RUNNING, log=f"{part:02} {'x' * 1000}\n")
        works.work_and_wait()
    succeed(works)
    works.work_and_wait()
    made = works.now(build)
    whole = "".join(f"{part:02} {'x' * 1000}\n" for part in range(40))
    assert get_log(made).text == whole
    assert len(made.version.build_log) == 4096
    assert whole.endswith(made.version.build_log)


@pytest.mark.parametrize("says", ["job test failed", ""])
def test_a_failure_there_is_a_failure_here_with_its_words(works: Works, says: str) -> None:
    build = works.ask()
    works.work()
    works.gitlab.say("1", SeenStatus.FAILED, says=says)
    works.work_and_wait()
    assert works.status(build) is V.FAILED
    assert str(works.now(build).reason) == f"It failed on the build server. {says}".strip()


def test_a_lost_answer_starts_no_second_build(works: Works) -> None:
    works.gitlab.lost["start"] = [LOST]
    build = works.ask()
    works.work_and_wait(3)
    assert len(works.gitlab.started) == 1
    assert works.now(build).external_id == "1"
    succeed(works)
    works.work_and_wait()
    assert works.status(build) is V.SUCCESS


def test_an_order_that_never_arrived_is_sent_again_after_a_search(works: Works) -> None:
    works.gitlab.faults["start"] = [LOST]
    build = works.ask()
    works.work_and_wait(3, rounds=2)
    assert not works.gitlab.started
    works.work_and_wait(SEARCH_TIME.total_seconds())
    works.work_and_wait(3)
    assert len(works.gitlab.started) == 1
    assert works.now(build).external_id == "1"


def test_a_server_that_is_away_for_a_while_changes_nothing(works: Works) -> None:
    for method in ("resolve", "start", "look", "fetch"):
        works.gitlab.faults[method] = [DOWN, DOWN]
    build = works.ask()
    works.work()
    assert str(works.now(build).problem) == "GitLab answers 502."
    works.work_and_wait(20, rounds=6)
    succeed(works)
    works.work_and_wait(20, rounds=6)
    assert works.status(build) is V.SUCCESS
    assert len(works.gitlab.started) == 1


def test_how_long_a_server_wants_to_be_left_alone_is_heeded(works: Works) -> None:
    busy = ServerTrouble("Too many requests.")
    busy.retry_after = timedelta(minutes=5)
    works.gitlab.faults["resolve"] = [busy]
    works.ask()
    works.work_and_wait(60)
    assert works.gitlab.calls == ["resolve"]
    works.work_and_wait(250)
    assert works.gitlab.started


def test_a_no_is_final_and_says_why(works: Works) -> None:
    works.gitlab.faults["start"] = [ServerRefused("The token may not start pipelines.", hint="x")]
    build = works.ask()
    works.work()
    assert works.status(build) is V.FAILED
    assert str(works.now(build).reason) == "The token may not start pipelines."


def test_a_build_that_outlives_its_limit_is_ended_there_and_here(works: Works) -> None:
    build = works.ask()
    works.work()
    works.gitlab.say("1", SeenStatus.RUNNING)
    works.work_and_wait(3601)
    assert works.status(build) is V.TIMEOUT
    assert works.gitlab.cancelled == ["1"]
    assert str(works.now(build).reason) == "It did not end within 1h."


def test_a_build_that_ended_in_time_while_no_worker_was_there_is_not_late(works: Works) -> None:
    build = works.ask()
    works.work()
    succeed(works)
    works.work_and_wait(7200)
    assert works.status(build) is V.SUCCESS
    assert works.gitlab.cancelled == []


def test_a_late_success_is_offered_and_never_switched(works: Works) -> None:
    build = works.ask()
    works.work()
    works.gitlab.say("1", SeenStatus.RUNNING)
    works.gitlab.faults["cancel"] = [DOWN] * 9
    works.work_and_wait(3601)
    works.work_and_wait(70, rounds=7)
    assert works.status(build) is V.TIMEOUT
    succeed(works)
    works.work_and_wait(90, rounds=2)
    assert works.status(build) is V.TIMEOUT
    assert [b.pk for b in get_late_offers(works.service)] == [build.pk]
    assert Event.objects.filter(verb="build.succeeded_late").count() == 1

    taken = builds.take_late_success(
        build=works.now(build), by=works.alice, now=works.now(build).created_at
    )
    works.work()
    assert works.status(taken) is V.SUCCESS
    assert works.status(build) is V.TIMEOUT
    assert len(works.gitlab.started) == 1
    with pytest.raises(builds.NothingLate):
        builds.take_late_success(
            build=works.now(build), by=works.alice, now=works.now(build).created_at
        )


def test_a_build_that_is_gone_there_fails_here(works: Works) -> None:
    build = works.ask()
    works.work()
    works.gitlab.forget("1")
    works.work_and_wait()
    assert works.status(build) is V.FAILED
    assert "any more" in str(works.now(build).reason)


def test_a_build_without_its_package_fails_and_says_so(works: Works) -> None:
    build = works.ask()
    works.work()
    works.gitlab.say("1", SeenStatus.SUCCESS)
    works.work_and_wait()
    assert works.status(build) is V.FAILED
    assert str(works.now(build).reason) == "The build left no package."


@pytest.mark.parametrize("package", [b"no archive", b""])
def test_a_package_that_is_none_makes_no_version(works: Works, package: bytes) -> None:
    build = works.ask()
    works.work()
    succeed(works, package=package)
    works.work_and_wait()
    assert works.status(build) is V.FAILED
    assert not Package.objects.exists()


def test_a_full_store_is_waited_for(works: Works) -> None:
    works.packages.room = 10
    build = works.ask()
    works.work()
    succeed(works)
    works.work_and_wait()
    assert works.status(build) is V.BUILDING
    assert str(works.now(build).problem) == StoreFull("The package store has no room left.").message
    works.packages.room = 1 << 30
    works.work_and_wait(60)
    assert works.status(build) is V.SUCCESS


def test_a_person_ends_a_build_there_and_here(works: Works) -> None:
    build = works.ask()
    works.work()
    builds.cancel_build(build=works.now(build), by=works.alice, now=build.created_at)
    works.work()
    assert works.gitlab.cancelled == ["1"]
    assert works.status(build) is V.FAILED
    assert str(works.now(build).reason) == "It was cancelled."
    with pytest.raises(builds.BuildOver):
        builds.cancel_build(build=works.now(build), by=works.alice, now=build.created_at)


def test_a_commit_that_is_built_ends_at_once_as_a_duplicate(works: Works) -> None:
    first = works.ask(commit="a" * 40)
    works.work()
    again = works.ask(commit="a" * 40)
    assert works.status(again) is V.DUPLICATE
    assert works.now(again).duplicate_of == first.version
    by_ref = works.ask(ref="main")
    works.work()
    assert works.status(by_ref) is V.DUPLICATE
    forced = works.ask(commit="a" * 40, force=True)
    works.work()
    assert works.status(forced) is V.BUILDING
    assert len(works.gitlab.started) == 2


def test_one_whose_commit_turns_out_to_be_built_is_ended_there_too(works: Works) -> None:
    first = works.ask()
    works.work()
    succeed(works)
    works.work_and_wait()
    works.gitlab.resolves = False  # as Jenkins, which says the commit only when it builds it
    works.gitlab.refs["main"] = "a" * 40
    again = works.ask()
    works.work_and_wait()
    assert works.status(again) is V.DUPLICATE
    assert works.now(again).duplicate_of == first.version
    assert works.gitlab.cancelled == ["2"]


def test_another_commit_than_the_one_asked_for_is_not_passed_off_as_it(works: Works) -> None:
    build = works.ask(commit="c" * 40)
    works.work()
    made = works.gitlab.builds["1"]
    made.seen = replace(made.seen, commit="d" * 40)
    works.work_and_wait()
    assert works.status(build) is V.FAILED
    assert str(works.now(build).reason).startswith("The commit cccccccccccc was asked for")
    assert works.gitlab.cancelled == ["1"]
