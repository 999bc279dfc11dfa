"""Builds on the pages: how one stands, its log by offset, its form, ending and taking it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from slipway.core.builds import SeenStatus
from slipway.core.versions import VersionStatus
from slipway.records.catalog.models import Build
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.web.building import (
    COMMIT,
    SERVER,
    BuildDrive,
    answer_comparisons,
    build_with_gitlab,
    make_build,
)
from tests.interfaces.web.conftest import V1, Visit

FORM = {"ref": "main", "commit": "", "variables": "", "description": "", "once": "a" * 32}


@pytest.fixture
def gitlab(living: None) -> None:
    """billing is built by a GitLab; it runs V1 in prod."""
    build_with_gitlab("billing")


def page(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address, follow=True)
    assert answer.status_code == status, address
    return answer.content.decode()


def log(browser: Client, drive: BuildDrive, start: int = 0, line: int = 1) -> dict[str, Any]:
    answer = browser.get(f"/builds/{drive.build_id}/log?start={start}&line={line}")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def lines(told: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["number"], "".join(part for _, part in row["parts"])) for row in told["lines"]]


def test_a_build_is_asked_for_and_leads_to_its_version(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    assert 'value="main"' in page(browser, "/services/billing/build")
    wish = FORM | {"variables": "TARGET=arm64\n\n CHANNEL = beta=1 ", "description": "for Dora"}
    answer = browser.post("/services/billing/build", wish)
    build = Build.objects.get()
    assert answer.headers["Location"] == f"/builds/{build.pk}"
    assert build.variables == {"TARGET": "arm64", "CHANNEL": "beta=1"}
    assert build.version.description == "for Dora"
    text = page(browser, f"/builds/{build.pk}")
    assert "Waiting for a worker." in text
    assert build.version.name in text
    assert "TARGET=arm64" in text


def test_a_form_that_is_sent_twice_is_one_build(gitlab: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    first = browser.post("/services/billing/build", FORM)
    again = browser.post("/services/billing/build", FORM)
    assert first.headers["Location"] == again.headers["Location"]
    assert Build.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"variables": "no equals sign"}, "is no variable."),
        ({"variables": "SLIPWAY_BUILD=1"}, "cannot be a build variable."),
        ({"ref": "x" * 300}, "ref"),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(
    gitlab: None, alice: Person, visit: Visit, wrong: dict[str, str], said: str
) -> None:
    answer = visit(alice).post("/services/billing/build", FORM | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert next(iter(wrong.values())) in text
    assert Build.objects.count() == 0


def test_a_service_that_nobody_builds_says_what_is_missing(
    living: None, alice: Person, bob: Person, visit: Visit
) -> None:
    assert 'href="/services/billing/build"' not in page(visit(alice), "/services/billing")
    text = page(visit(alice), "/services/billing/build")
    assert "Nobody builds it" in text
    assert "An admin of the service can do that." in text
    assert "/services/billing/building" in page(visit(bob), "/services/billing/build")
    answer = visit(alice).post("/services/billing/build", FORM)
    assert answer.status_code == 409
    assert "billing has no build server." in answer.content.decode()


def test_who_may_only_look_sees_no_button_and_is_refused(
    gitlab: None, dora: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing")
    browser = visit(dora)
    assert "/services/billing/build" not in page(browser, "/services/billing").replace(
        "/services/billing/building", ""
    )
    assert "Cancel the build" not in page(browser, drive.page)
    assert browser.get("/services/billing/build").status_code == 403
    assert browser.post("/services/billing/build", FORM).status_code == 403
    browser.post(f"/builds/{drive.build_id}/cancel")
    assert drive.build.cancel_requested_at is None


def test_a_stranger_to_the_service_learns_nothing_of_its_builds(
    gitlab: None, charlie: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing")
    browser = visit(charlie)
    for address in ("", "/log", "/parts"):
        assert browser.get(f"/builds/{drive.build_id}{address}").status_code == 404
    for button in ("cancel", "take"):
        assert browser.post(f"/builds/{drive.build_id}/{button}").status_code == 404
    assert "No builds yet" in page(browser, "/builds")
    assert browser.get("/services/billing/compare").status_code == 404


def test_the_sentence_follows_the_build(gitlab: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    said = [page(browser, drive.page)]
    drive.order()
    said.append(page(browser, drive.page))
    drive.start()
    drive.see(SeenStatus.WAITING, says="no runner is free")
    said.append(page(browser, drive.page))
    drive.see(SeenStatus.RUNNING, says="job package is running")
    said.append(page(browser, drive.page))
    drive.see(SeenStatus.SUCCESS)
    said.append(page(browser, drive.page))
    drive.fetch()
    said.append(page(browser, drive.page))
    drive.succeed()
    said.append(page(browser, drive.page))
    for text, wanted in zip(
        said,
        (
            "Waiting for a worker.",
            f"Ordered from {SERVER}, which has not said its number yet.",
            f"Waiting on {SERVER} for somebody to build it.</b> no runner is free",
            f"Building on {SERVER}.</b> job package is running",
            f"Built on {SERVER}. Its package comes next.",
            f"Built. Its package is being fetched from {SERVER}.",
            "Ready: the package is here, and was checked.",
        ),
        strict=True,
    ):
        assert wanted in text
    assert 'rel="noreferrer noopener"' in said[3]
    assert "Cancel the build" not in said[-1]


def test_what_the_server_does_not_answer_is_hoisted_until_it_does(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.see()
    drive.trouble("{server} does not answer.", "Look at it.")
    drive.trouble("{server} does not answer.", "Look at it.")
    text = page(browser, drive.page)
    assert f"{SERVER} does not answer." in text
    assert "It is asked again in 4 s. 2 questions in a row had no answer." in text
    assert "Look at it." in text
    drive.see()
    assert "does not answer." not in page(browser, drive.page)


def test_a_build_that_failed_says_why_and_offers_another(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor, ref="feature/x")
    drive.start()
    drive.see(SeenStatus.FAILED, says="job test failed")
    drive.fail(hint="")
    text = page(visit(alice), drive.page)
    assert "It failed on the build server.</b> job test failed" in text
    assert "/services/billing/build?ref=feature%2Fx" in text
    assert "Promote" not in text
    assert "It failed on the build server." in page(visit(alice), "/")


def test_a_duplicate_points_to_the_real_one(gitlab: None, alice: Person, visit: Visit) -> None:
    made = make_build()
    twin = BuildDrive.ask("billing", alice.actor, commit=COMMIT)
    real = f"/services/billing/versions/{made.build.version.name}"
    for address in (twin.page, "/builds", "/services/billing"):
        assert real in page(visit(alice), address), address
    assert "A duplicate." in page(visit(alice), twin.page)


def test_a_late_success_is_offered_and_taken_once(
    gitlab: None, alice: Person, dora: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.see()
    drive.fail("It did not end within 30m.", VersionStatus.TIMEOUT)
    drive = BuildDrive.take(drive.build)
    drive.see(SeenStatus.SUCCESS)
    browser = visit(alice)
    for address in (drive.page, "/services/billing"):
        assert "Take it" in page(browser, address)
        assert "Take it" not in page(visit(dora), address)
    taken = browser.post(f"/builds/{drive.build_id}/take")
    assert taken.headers["Location"] != f"/builds/{drive.build_id}"
    assert "Take it" not in page(browser, drive.page)
    again = browser.post(f"/builds/{drive.build_id}/take")
    assert again.headers["Location"] == f"/builds/{drive.build_id}"
    assert "has no late success that could be taken." in page(browser, drive.page)


def test_cancelling_is_a_wish_that_a_worker_carries_out(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    browser.post(f"/builds/{drive.build_id}/cancel")
    text = page(browser, drive.page)
    assert "Being cancelled." in text
    assert "disabled" in text.split("Cancel the build</button>")[0].rpartition("<button")[2]
    drive.fail("It was cancelled.")
    assert "It was cancelled.</b>" in page(browser, drive.page)
    assert "mend it" not in page(browser, drive.page)
    browser.post(f"/builds/{drive.build_id}/cancel")
    assert "has ended." in page(browser, drive.page)


def test_a_log_goes_on_from_where_it_was_read(gitlab: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("one\ntw")
    first = log(browser, drive)
    assert lines(first) == [(1, "one"), (2, "tw")]
    assert (first["next"], first["line"], first["over"]) == (4, 2, False)
    drive.say("o\nthree\n")
    second = log(browser, drive, first["next"], first["line"])
    assert lines(second) == [(2, "two"), (3, "three")]
    assert lines(log(browser, drive, second["next"], second["line"])) == []
    drive.say("\x1b[31mfour")
    drive.fail()
    last = log(browser, drive, second["next"], second["line"])
    assert last["lines"] == [{"number": 4, "parts": [["ansi-red", "four"]]}]
    assert last["over"]
    assert lines(log(browser, drive, 4, 0)) == [(2, "two"), (3, "three"), (4, "four")]


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_however_it_is_cut_no_character_is_lost_or_comes_twice(
    gitlab: None, alice: Person, visit: Visit, step: int
) -> None:
    text = "".join(f"line {number} é漢😀\n" for number in range(40)) + "no end"
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    shown: dict[int, str] = {}
    start, line = 0, 1
    for at in range(0, len(text), 50 * step):
        drive.say(text[at : at + 50 * step])
        told = log(browser, drive, start, line)
        shown.update(dict(lines(told)))
        start, line = told["next"], told["line"]
    assert "\n".join(shown[number] for number in sorted(shown)) == text
    assert list(shown) == list(range(1, 42))


def test_a_log_longer_than_a_page_comes_in_pieces(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    for number in range(3):
        drive.say(f"{number}" * 9_999 + "\n")
        drive.say("x" * 300_000 + "\n")
    drive.fail()
    told = log(browser, drive)
    count, pieces = len(told["lines"]), 1
    while not told["over"]:
        assert pieces < 20
        told = log(browser, drive, told["next"], told["line"])
        count, pieces = count + len(told["lines"]), pieces + 1
    assert pieces > 2
    assert count == 9  # the long lines are broken once each


def test_the_page_brings_the_end_of_a_long_log_or_what_was_asked_for(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("".join(f"line {number}\n" for number in range(1, 3001)))
    text = page(browser, drive.page)
    assert 'id="L3000"' in text
    assert 'id="L1001"' in text
    assert 'id="L1000"' not in text
    assert "Show the whole log" in text
    whole = page(browser, f"{drive.page}?start=0")
    assert 'id="L1"' in whole
    assert "Show the whole log" not in whole
    tail = page(browser, f"{drive.page}?start={drive.build.log_size - 20}")
    assert '<p id="L2999"' in tail
    assert '<p id="L2998"' not in tail


def test_marks_for_programs_are_not_shown(gitlab: None, alice: Person, visit: Visit) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say(
        "section_start:1560896352:prepare\r\x1b[0KPreparing\n"
        "2026-11-25T10:00:00.123456Z 00O timed\n"
        "\x1b[8mha:////4AbC+de/==\x1b[0m[Pipeline] stage\n"
        "10%\r50%\r100%\n"
        "windows\r\n"
    )
    told = [text for _, text in lines(log(visit(alice), drive))]
    assert told == ["Preparing", "timed", "[Pipeline] stage", "100%", "windows"]


@pytest.mark.parametrize("query", ["start=x", "start=-1", "start=99999999999999999999", "line=x"])
def test_odd_offsets_get_an_answer(gitlab: None, alice: Person, visit: Visit, query: str) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.say("one\n")
    browser = visit(alice)
    assert browser.get(f"/builds/{drive.build_id}/log?{query}").status_code == 200
    assert browser.get(f"{drive.page}?{query}").status_code == 200


def test_the_parts_of_a_page_are_found_whatever_the_version_is_called_by_now(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    before = drive.page
    drive.start()
    drive.see(commit=COMMIT)
    assert drive.page != before  # the commit is part of the name
    text = page(browser, f"/builds/{drive.build_id}/parts")
    assert f'data-address="{drive.page}"' in text
    assert page(browser, f"/builds/{drive.build_id}").count(drive.build.version.name) > 1


def test_builds_are_filtered_and_what_runs_is_on_top(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    make_build()
    under_way = BuildDrive.ask("billing", alice.actor)
    under_way.start()
    browser = visit(alice)
    text = page(browser, "/builds")
    assert text.index("Building now") < text.index("<table>")
    assert f"/builds/{under_way.build_id}" not in page(browser, "/builds?status=success")
    assert f"/builds/{under_way.build_id}" in page(browser, "/builds?status=building&service=bil")
    assert "No build matches." in page(browser, "/builds?service=shop")
    for odd in ("status=nonsense", "service=%00", "page=99999999999999999999"):
        page(browser, f"/builds?{odd}")


def test_commits_are_asked_for_once_and_shown_when_they_are_there(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    drive = make_build()
    browser = visit(alice)
    for _look in range(2):
        text = page(browser, drive.page)
        assert "Not yet in prod" in text
        assert "Asking the build server…" in text
    assert answer_comparisons("Mend the <b>ledger</b>", "Add tax", total=120) == 1
    text = page(browser, drive.page)
    assert "120 commits" in text
    assert "Mend the &lt;b&gt;ledger&lt;/b&gt;" in text
    assert "and 118 more" in text
    address = f"/services/billing/compare?base={V1}&head={drive.build.version.name}"
    compared = page(browser, address)
    assert "Add tax" in compared
    assert "Package" in compared
    planned = page(browser, "/rollouts/new?service=billing&environment=prod")
    assert "Add tax" in planned


def test_a_comparison_that_cannot_be_made_says_why(
    gitlab: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    first, second = make_build(), make_build(force=True)
    names = [drive.build.version.name for drive in (first, second)]
    same = page(browser, f"/services/billing/compare?base={names[0]}&head={names[1]}")
    assert "Both are made of the same commit." in same
    nobody = page(browser, f"/services/shop/compare?base={V1}&head={V1}")
    assert "Both are made of the same commit." in nobody
    page(browser, "/services/billing/compare?base=nothing&head=nothing", 404)
    assert "Choose two versions" in page(browser, "/services/billing/compare?base=latest")


def test_a_version_is_promoted_to_the_environment_after_the_last_one_that_runs_it(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    drive = make_build()
    name = drive.build.version.name
    text = page(visit(alice), drive.page)
    assert "Promote to dev" in text
    assert (
        f"/rollouts/new?kind=deploy&amp;service=billing&amp;environment=dev&amp;version={name}"
        in text
    )
    assert "To prod" in text


def test_the_number_of_queries_does_not_grow_with_the_builds(
    gitlab: None,
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
        "/": 24,
        "/builds": 8,
        "/services/billing": 22,
        drive.page: 17,
        f"/builds/{drive.build_id}/parts": 18,
        f"/builds/{drive.build_id}/log": 7,
        "/build-servers": 8,
        "/packages": 15,
    }
    for address, budget in budgets.items():
        with django_assert_max_num_queries(budget):
            assert browser.get(address).status_code == 200


def test_lists_do_not_read_what_builds_printed(gitlab: None, admin: Person, visit: Visit) -> None:
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
        assert not [query for query in asked if '"build_log"' in query["sql"]], address
    assert drive.build.version.build_log


def test_a_clock_counts_from_when_it_was_asked_for(
    gitlab: None, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    earlier = timezone.now() - timedelta(minutes=5)
    Build.objects.filter(pk=drive.build_id).update(
        created_at=earlier, deadline_at=F("deadline_at") - timedelta(minutes=5)
    )
    text = page(visit(alice), drive.page)
    assert f'data-since="{drive.build.created_at.isoformat()}"' in text
    assert "of at most 30 min" in text
