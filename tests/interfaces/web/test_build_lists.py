"""Builds in lists: what runs first, in a number of queries that does not grow, without logs."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from slipway.records.catalog.models import BuildServer
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.web.building import (
    BuildDrive,
    make_build,
)
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import page


def test_builds_are_filtered_and_what_runs_is_on_top(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    make_build()
    under_way = BuildDrive.ask("billing", alice.actor)
    under_way.start()
    browser = visit(alice)
    text = page(browser, "/builds")
    assert text.index("Building now") < text.index("<table ")
    assert f"/builds/{under_way.build_id}" not in page(browser, "/builds?status=success")
    assert f"/builds/{under_way.build_id}" in page(browser, "/builds?status=building&service=bil")
    assert "No build matches." in page(browser, "/builds?service=shop")
    for odd in ("status=nonsense", "service=%00", "page=99999999999999999999"):
        page(browser, f"/builds?{odd}")


def test_the_number_of_queries_does_not_grow_with_the_builds(
    gitlab: BuildServer,
    admin: Person,
    visit: Visit,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = visit(admin)
    for number in range(12):
        make_build(commit=f"{number:040d}")
        BuildDrive.ask("billing", ref=f"r{number}").start()
        BuildDrive.ask("billing", ref=f"f{number}").fail()
    drive = BuildDrive.ask("billing", ref="one")
    drive.start()
    drive.see(commit="f" * 40)
    drive.say("text\n" * 10)
    page(browser, drive.page)  # asks for the comparison
    budgets = {
        "/": 28,
        "/builds": 8,
        "/services/billing": 26,
        drive.page: 23,
        f"/builds/{drive.build_id}/parts": 23,
        f"/builds/{drive.build_id}/log": 7,
        "/build-servers": 8,
        "/packages": 15,
    }
    for address, budget in budgets.items():
        with django_assert_max_num_queries(budget):
            assert browser.get(address).status_code == 200


def test_lists_do_not_read_what_builds_printed(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    """A log may be megabytes: fifty of them are not read to show fifty names."""
    drive = make_build()
    browser = visit(admin)
    for address in (
        "/",
        "/builds",
        "/services",
        "/services/billing",
        "/packages",
        "/build-servers",
        "/rollouts",
        f"/rollouts/{Rollout.objects.get().pk}",
    ):
        with CaptureQueriesContext(connection) as asked:
            page(browser, address)
        assert not [query for query in asked if "catalog_buildlogpart" in query["sql"]], address
    assert drive.build.version.build_log
