"""Which packages go: never one that is needed, and what the run does is what was shown before."""

from datetime import timedelta
from typing import Any

import pytest

from slipway.core.releasing.retention import Need
from slipway.core.rollout.value.words import End
from slipway.core.words.refusal import Forbidden, NotFound, Refused
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.operations import versions
from slipway.records.catalog.queries.services import VersionNotReady, get_package_ref
from slipway.records.fleet.models import Instance
from slipway.records.releasing.models import RetentionRun
from slipway.records.releasing.operations import retention
from slipway.records.releasing.operations.retention import CLAIM_TIME, ClaimedRun
from slipway.records.releasing.retention import (
    get_retention_run,
    list_fates,
    list_not_kept,
    list_retention_runs,
    list_unknown,
    preview_retention,
)
from slipway.records.rollouts.operations import returns
from slipway.records.rollouts.plan import planning
from tests.records.people import alice, charlie
from tests.records.storekeeping import keep, let_all_go, sha256_of
from tests.records.world import World, stored
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World(hosts=2)


def needs(service: Service | None = None) -> dict[str, Need | None]:
    fates = list_fates(service)
    assert list(preview_retention(service).going) == [each for each in fates if each.need is None]
    return {fate.version: fate.need for fate in fates}


# --- why a package stays -------------------------------------------------------------------------


def test_each_version_says_why_it_stays(world: World) -> None:
    names = ("0.9", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
    v = {name: world.version(name) for name in names}
    for name in ("1.0", "1.1", "1.2"):
        world.run("deploy" if name == "1.0" else "upgrade", v[name])
    active = world.start("upgrade", v["1.3"])
    keep(world, 1)
    assert needs(world.service) == {
        "1.5": Need.NEWEST,
        "1.4": None,
        "1.3": Need.ROLLOUT,
        "1.2": Need.ROLLOUT,  # the way back of the rollout
        "1.1": Need.ROLLOUT,  # and the next one after it
        "1.0": Need.RAN,
        "0.9": None,
    }
    world.finish(active, failing=["web-1"], only=["web-1"])
    after = needs(world.service)
    assert (after["1.3"], after["1.2"]) == (None, Need.WANTED)


def test_what_an_instance_was_seen_running_stays(world: World) -> None:
    old = world.version("0.9")
    world.run("deploy", world.version("1.0"))
    keep(world, 1)
    assert needs(world.service)["0.9"] is None
    Instance.objects.filter(host__name="web-1").update(seen_version=old.name)
    assert needs(world.service)["0.9"] is Need.SEEN


def test_a_namesake_of_another_service_is_not_what_was_seen(world: World) -> None:
    shop = world.make_service("shop")
    world.version("1.0", shop), world.version("1.1", shop)
    keep(world, 1, shop)
    world.run("deploy", world.version("1.0"))
    assert needs(shop) == {"1.1": Need.NEWEST, "1.0": None}


def test_where_nothing_is_any_more_nothing_is_needed(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.version("1.1")
    keep(world, 1)
    assert needs(world.service)["1.0"] is Need.WANTED
    world.run("delete")
    assert needs(world.service)["1.0"] is None


def test_what_was_removed_needs_no_way_back_when_it_comes_again(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    world.run("delete")
    world.run("deploy", world.version("1.1"))
    keep(world, 1)
    assert needs(world.service)["1.0"] is None


def test_what_is_owed_and_what_a_drain_is_owed_from_stays(world: World) -> None:
    world.version("0.8"), world.version("0.9")
    world.run("deploy", world.version("1.0"))
    keep(world, 1)
    owed = world.release_of(Version.objects.get(name="0.9"))
    Instance.objects.filter(host__name="web-1").update(owed=owed, seen_drained_by="0.8")
    assert (needs()["0.9"], needs()["0.8"]) == (Need.PREVIOUS, Need.SEEN)


def test_a_service_that_does_not_say_how_many_keeps_all(world: World) -> None:
    world.version("1.0"), world.version("1.1")
    assert set(needs(world.service).values()) == {Need.ALL}


def test_a_package_that_another_service_needs_stays(world: World) -> None:
    shop = world.make_service("shop")
    ours, _ = versions.take_version(
        service=world.service, stored=stored("same"), name="1", by=world.boss, now=world.clock()
    )
    versions.take_version(
        service=shop, stored=stored("same"), name="2", by=world.boss, now=world.clock()
    )
    world.version("3")
    keep(world, 1)
    assert needs(world.service) == {"3": Need.NEWEST, "1": Need.SHARED}
    assert let_all_go(world) == set()
    world.version("4", shop)
    keep(world, 1, shop)
    assert needs(world.service) == {"3": Need.NEWEST, "1": None}
    assert let_all_go(world) == {sha256_of(ours)}
    told = Event.objects.filter(verb="package.removed").order_by("service")
    assert [(event.service, event.after["versions"]) for event in told if event.after] == [
        ("billing", ["1"]),
        ("shop", ["2"]),
    ]


# --- the dry run, and the run --------------------------------------------------------------------


def test_a_preview_changes_nothing_and_counts_each_package_once(world: World) -> None:
    for name in ("a", "b"):
        versions.take_version(
            service=world.service, stored=stored("x"), name=name, by=world.boss, now=world.clock()
        )
    world.version("c")
    keep(world, 1)
    preview = preview_retention(world.service)
    assert [fate.version for fate in preview.going] == ["b", "a"]
    assert (len(preview.package_ids), preview.freed_bytes) == (1, 1000)
    assert not Package.objects.filter(removed_at__isnull=False).exists()
    assert not Event.objects.filter(verb="package.removed").exists()


def test_people_preview_what_they_may_see(world: World) -> None:
    world.version("1.0")
    assert [fate.version for fate in list_fates(actor=alice())] == ["1.0"]
    assert list(list_fates(actor=charlie())) == []


def test_a_preview_asks_no_more_questions_for_more_versions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        world.version(f"1.{number}")
    keep(world, 3)
    with django_assert_max_num_queries(6):
        assert len(preview_retention(world.service).going) == 27


def test_a_removed_package_is_refused_and_says_since_when_and_what_to_do(world: World) -> None:
    old = world.version("1.0")
    world.run("deploy", world.version("1.1"))
    keep(world, 1)
    assert let_all_go(world) == {sha256_of(old)}
    old = Version.objects.get(pk=old.pk)
    with pytest.raises(VersionNotReady) as refused:
        get_package_ref(old)
    assert refused.value.message.startswith("The package of 1.0 was removed on 2026-11-23")
    assert "Upload the same file again" in refused.value.hint
    with pytest.raises(VersionNotReady):
        world.start("upgrade", old)
    obstacles = planning.make_plan(world.wish("upgrade", old), now=world.clock()).obstacles
    assert [(each.code, each.blocking) for each in obstacles] == [("version_not_ready", True)]


def test_the_same_upload_brings_a_removed_package_back(world: World) -> None:
    old = world.version("1.0")
    world.run("deploy", world.version("1.1"))
    keep(world, 1)
    let_all_go(world)
    again = world.version("1.0")
    assert again == old
    assert get_package_ref(again).sha256 == sha256_of(old)
    world.run("upgrade", again)


def test_let_go_asks_once_more_and_is_safe_to_repeat(world: World) -> None:
    old = world.version("1.0")
    world.run("deploy", world.version("1.1"))
    keep(world, 1)
    [package_id] = preview_retention().package_ids
    rollout = world.start("upgrade", old)  # since the preview
    by = Actor.system()
    assert retention.let_go(package_id=package_id, by=by, now=world.clock()) is None
    world.finish(rollout, only=[], end=End.CANCELLED)
    assert retention.let_go(package_id=package_id, by=by, now=world.clock()) == sha256_of(old)
    assert retention.let_go(package_id=package_id, by=by, now=world.clock()) is None
    assert Event.objects.filter(verb="package.removed").count() == 1


def test_a_rollback_of_a_removal_needs_the_package_while_it_is_open(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    gone = world.run("delete")
    world.version("1.1")
    keep(world, 1)
    assert needs(world.service)["1.0"] is None
    back = returns.roll_back(rollout=gone, by=world.alice, now=world.clock())
    assert needs(world.service)["1.0"] is Need.ROLLOUT
    assert let_all_go(world) == set()
    world.finish(back)
    assert needs(world.service)["1.0"] is Need.WANTED


# --- runs ----------------------------------------------------------------------------------------


def test_who_asks_twice_before_anybody_has_begun_gets_one_run(world: World) -> None:
    first = ask(world)
    assert ask(world) == first
    assert ask(world, None) != first
    claimed = retention.claim_retention_run(worker="w1", now=world.clock())
    assert claimed == ClaimedRun(first.pk, "billing", world.boss)
    assert ask(world) != first
    assert Event.objects.filter(verb="retention.requested").count() == 3


def ask(world: World, service: Service | str | None = "own") -> RetentionRun:
    return retention.request_retention_run(
        service=world.service if isinstance(service, str) else service,
        by=world.boss,
        now=world.clock(),
    )


def test_only_who_manages_a_service_asks_for_a_run(world: World) -> None:
    for service in (world.service, None):
        with pytest.raises(Forbidden):
            retention.request_retention_run(service=service, by=alice(), now=world.clock())


def test_a_run_is_claimed_by_one_worker_and_taken_over_when_that_is_silent(world: World) -> None:
    run = ask(world)
    now, claim = world.clock(), retention.claim_retention_run
    claimed = ClaimedRun(run.pk, "billing", world.boss)
    assert claim(worker="w1", now=now) == claimed
    assert claim(worker="w2", now=now) is None
    assert retention.note_removed(run_id=run.pk, worker="w1", freed_bytes=7, now=now)
    later = now + CLAIM_TIME + timedelta(seconds=1)
    assert claim(worker="w2", now=later) == claimed
    assert not retention.note_removed(run_id=run.pk, worker="w1", freed_bytes=7, now=later)
    retention.finish_retention_run(run_id=run.pk, worker="w1", now=later)
    assert get_retention_run(run.pk).finished_at is None
    problem = Refused("The disk is ill.", hint="Ask it.")
    retention.finish_retention_run(
        run_id=run.pk, worker="w2", now=later, problem=problem, left_over=5
    )
    found = get_retention_run(run.pk)
    assert (found.packages, found.freed_bytes, found.day) == (1, 12, None)
    assert found.problem is not None
    assert (found.problem.english, found.problem.english_hint) == ("The disk is ill.", "Ask it.")
    assert (str(found.service), str(found.requested_by)) == ("billing", "bob")
    assert claim(worker="w2", now=later) is None


def test_there_is_one_daily_run_a_day(world: World) -> None:
    now = world.clock()
    for _ in range(3):
        retention.begin_daily_run(now=now)
    assert [run.day for run in list_retention_runs()] == [now.date()]
    retention.begin_daily_run(now=now + timedelta(days=1))
    assert list_retention_runs().total == 2
    with pytest.raises(NotFound):
        get_retention_run(10**9)


def test_what_the_store_has_and_no_row_keeps_is_named(world: World) -> None:
    old, new = world.version("1.0"), world.version("1.1")
    keep(world, 1)
    names = [sha256_of(old), sha256_of(new), "f" * 64]
    assert list_not_kept(names) == ["f" * 64]
    let_all_go(world)
    assert list_not_kept(names) == [sha256_of(old), "f" * 64]
    assert list_unknown(names) == ["f" * 64]
