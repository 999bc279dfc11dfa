"""Whose a build is while it is driven, who may want one, and what a fault of ours does to it."""

from datetime import timedelta
from functools import partial

import pytest

from slipway.controller.worker import clock
from slipway.core.builds.happen import BuildHappening
from slipway.core.words.refusal import Forbidden
from slipway.core.words.versions import VersionStatus as V
from slipway.records.builds.operations import builds
from slipway.records.builds.operations import claims as build_claims
from slipway.records.builds.operations import course as build_course
from slipway.records.catalog.models import Build, Version
from slipway.records.catalog.operations import services
from slipway.records.workers import operations as workers
from tests.controller.works import Works
from tests.records.people import charlie


def test_a_command_waits_for_the_machine_that_began_it(works: Works) -> None:
    Build.objects.update(claimed_by="")
    build = works.ask()
    works.work()
    type(works.server).objects.update(kind="command")
    Build.objects.update(claimed_by="machine-1:7:abc")
    works.later(60)
    free = partial(build_claims.list_due, worker="machine-2:8:def", limit=9)
    assert free(now=clock.now()) == []
    same = partial(build_claims.list_due, worker="machine-1:9:ghi", limit=9)
    assert same(now=clock.now()) == [build.pk]
    works.later(600)
    assert free(now=clock.now()) == [build.pk]


def test_settings_that_mean_nothing_any_more_end_the_build(works: Works) -> None:
    build = works.ask()
    Build.objects.update(settings={"unheard": "of"})
    works.work()
    assert works.status(build) is V.FAILED
    assert "unheard" in str(works.now(build).reason)


def test_a_fault_of_ours_is_told_and_not_tried_in_a_loop(works: Works) -> None:
    build = works.ask()
    works.gitlab.faults["resolve"] = [RuntimeError("a bug")]  # type: ignore[list-item]
    works.work()
    told = works.now(build)
    assert str(told.problem) == "Slipway itself failed at this build."
    assert told.due_at is not None
    assert told.due_at > clock.now() + timedelta(seconds=20)
    works.later(31)
    works.work()
    assert works.status(build) is V.BUILDING


def test_a_dead_workers_build_is_taken_up_by_another(works: Works) -> None:
    build = works.ask()
    works.work()
    workers.register_worker(worker_id="worker-2", now=build.created_at)
    works.later(5)
    works.work("worker-2")
    assert works.now(build).claimed_by == "worker-1"
    workers.leave(worker_id="worker-1")
    workers.declare_dead(by="worker-2", after=timedelta(seconds=20))
    works.work("worker-2")
    assert works.now(build).claimed_by == "worker-2"


def test_what_a_worker_writes_after_it_was_replaced_is_refused(works: Works) -> None:
    build = works.ask()
    works.work()
    Build.objects.filter(pk=build.pk).update(claim=7)
    with pytest.raises(build_claims.ClaimLost):
        build_course.note(
            build_id=build.pk, claim=6, event=BuildHappening.CANCELLED, now=build.created_at
        )


def test_a_wish_said_twice_is_one_build(works: Works) -> None:
    one, two = works.ask(correlation="hook-1"), works.ask(correlation="hook-1")
    assert one.pk == two.pk
    assert Version.objects.count() == 1


def test_a_service_without_a_build_server_says_so(works: Works) -> None:
    works.service = services.create_service(
        name="other", by=works.boss, now=works.server.created_at
    )
    with pytest.raises(builds.NotBuiltHere):
        works.ask()


def test_builds_need_the_right_for_the_service(works: Works) -> None:
    works.alice = charlie()
    with pytest.raises(Forbidden):
        works.ask()
    assert not Version.objects.exists()
