"""Builds that others start on the server become versions, whether a webhook says so or not."""

from datetime import timedelta

from django.db.models import F

from slipway.controller.worker import clock
from slipway.core.builds.seen import Commit
from slipway.core.builds.state import SeenStatus
from slipway.core.words.versions import VersionStatus as V
from slipway.ports.builds import ServerTrouble
from slipway.records.builds.operations import comparisons, deliveries
from slipway.records.catalog.models import BuildPoll, Comparison, Delivery, ServerCheck, Version
from slipway.records.catalog.operations import servers, services
from tests.controller.works import PACKAGE, Works


def hear(works: Works, build_id: str, key: str = "k1") -> Delivery:
    delivery, _ = deliveries.take_delivery(
        service=works.service, source="gitlab", key=key, external_id=build_id, now=clock.now()
    )
    return delivery


def names() -> list[str]:
    return sorted(Version.objects.values_list("commit", flat=True))


def test_a_pipeline_of_a_wanted_ref_becomes_a_version(works: Works) -> None:
    hear(works, works.gitlab.outside("main"))
    works.look_outside()
    works.gitlab.say("1", SeenStatus.SUCCESS, package=PACKAGE)
    works.work_and_wait()
    version = Version.objects.get()
    assert V(version.status) is V.SUCCESS
    assert version.build.originator == "server"
    assert not works.gitlab.started


def test_a_pipeline_of_another_ref_does_not(works: Works) -> None:
    delivery = hear(works, works.gitlab.outside("feature/x"))
    works.look_outside()
    assert not Version.objects.exists()
    assert str(Delivery.objects.get(pk=delivery.pk).outcome).startswith("No build of this ref")


def test_what_a_webhook_claims_is_not_believed(works: Works) -> None:
    delivery, _ = deliveries.take_delivery(
        service=works.service, source="gitlab", key="k", external_id="999", ref="main",
        commit="f" * 40, now=clock.now(),
    )  # fmt: skip
    works.look_outside()
    assert not Version.objects.exists()
    assert "any more" in str(Delivery.objects.get(pk=delivery.pk).outcome)


def test_said_twice_it_is_one_version(works: Works) -> None:
    build_id = works.gitlab.outside("main")
    for key in ("k1", "k1", "k2"):
        hear(works, build_id, key)
        works.look_outside()
    assert Delivery.objects.count() == 2
    assert Version.objects.count() == 1


def test_one_pipeline_makes_versions_of_all_services_of_its_repository(works: Works) -> None:
    ledger = services.create_service(
        name="ledger", build_server="gitlab", build_project="team/billing",
        build={"refs": ["main"]}, by=works.boss, now=clock.now(),
    )  # fmt: skip
    build_id = works.gitlab.outside("main")
    hear(works, build_id)
    deliveries.take_delivery(
        service=ledger, source="gitlab", key="k1", external_id=build_id, now=clock.now()
    )
    works.look_outside()
    assert sorted(Version.objects.values_list("service__name", flat=True)) == ["billing", "ledger"]


def test_what_others_started_is_not_ended_by_us(works: Works) -> None:
    hear(works, works.gitlab.outside("main"))
    works.look_outside()
    works.gitlab.say("1", SeenStatus.RUNNING)
    works.work_and_wait(3700, rounds=2)
    assert V(Version.objects.get().status) is V.TIMEOUT
    assert works.gitlab.cancelled == []


def test_a_lost_webhook_is_caught_by_polling(works: Works) -> None:
    works.look_outside()
    works.gitlab.outside("main", "b" * 40)
    works.gitlab.outside("release/1", "c" * 40)
    works.gitlab.outside("other", "d" * 40)
    works.later(61)
    works.look_outside()
    works.later(61)
    works.look_outside()
    assert names() == ["b" * 40, "c" * 40]


def test_our_own_builds_are_not_taken_for_others(works: Works) -> None:
    works.look_outside()
    works.ask()
    works.work()
    works.later(61)
    works.look_outside()
    assert Version.objects.count() == 1


def test_a_server_that_is_away_is_asked_again(works: Works) -> None:
    works.look_outside()
    works.gitlab.faults["list_recent"] = [ServerTrouble("down")]
    works.gitlab.outside("main")
    works.later(61)
    works.look_outside()
    assert str(BuildPoll.objects.get().problem) == "down"
    works.later(61)
    works.look_outside()
    assert BuildPoll.objects.get().problem is None
    assert Version.objects.count() == 1


def test_commits_between_two_are_asked_for_once(works: Works) -> None:
    works.gitlab.commits = (Commit("b" * 40, "Mend the bill", "Alice", None, "https://c/b"),)
    for _ in range(2):
        comparisons.request_comparison(
            service=works.service, base="a" * 40, head="b" * 40, now=clock.now()
        )
        works.answer_questions()
    comparison = Comparison.objects.get()
    assert [c["title"] for c in comparison.commits] == ["Mend the bill"]
    assert works.gitlab.calls.count("compare") == 1


def test_a_test_of_a_server_tells_what_was_found(works: Works) -> None:
    check = servers.request_server_check(
        server=works.server, project="", by=works.boss, now=clock.now()
    )
    works.answer_questions()
    check.refresh_from_db()
    assert check.works
    assert [(str(said), works) for said, works in check.found] == [("gitlab answers.", True)]


def test_what_webhooks_and_tests_told_a_week_ago_is_forgotten(works: Works) -> None:
    hear(works, works.gitlab.outside("feature/x"))
    servers.request_server_check(server=works.server, project="", by=works.boss, now=clock.now())
    works.look_outside()
    works.answer_questions()
    assert (Delivery.objects.count(), ServerCheck.objects.count()) == (1, 1)
    week = timedelta(days=7, seconds=1)
    Delivery.objects.update(received_at=F("received_at") - week)
    ServerCheck.objects.update(requested_at=F("requested_at") - week)
    works.answer_questions()
    assert (Delivery.objects.count(), ServerCheck.objects.count()) == (0, 0)
