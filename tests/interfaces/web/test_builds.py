"""Builds on the pages: how one is asked for, how it stands, ending and taking it."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from slipway.core.builds.state import SeenStatus
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import Build, BuildServer
from tests.interfaces.people import Person
from tests.interfaces.web.building import (
    COMMIT,
    SERVER,
    BuildDrive,
    make_build,
)
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat, page

FORM = {"ref": "main", "commit": "", "variables": "", "description": "", "once": "a" * 32}


def test_a_build_is_asked_for_and_leads_to_its_version(
    gitlab: BuildServer, alice: Person, visit: Visit
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


def test_a_form_that_is_sent_twice_is_one_build(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
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
    gitlab: BuildServer, alice: Person, visit: Visit, wrong: dict[str, str], said: str
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
    gitlab: BuildServer, dora: Person, visit: Visit
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
    gitlab: BuildServer, charlie: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing")
    browser = visit(charlie)
    for address in ("", "/log", "/parts"):
        assert browser.get(f"/builds/{drive.build_id}{address}").status_code == 404
    for button in ("cancel", "take"):
        assert browser.post(f"/builds/{drive.build_id}/{button}").status_code == 404
    assert "No builds yet" in page(browser, "/builds")
    assert browser.get("/services/billing/compare").status_code == 404


def test_the_sentence_follows_the_build(gitlab: BuildServer, alice: Person, visit: Visit) -> None:
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
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.see()
    for _ in range(5):
        drive.trouble("{server} does not answer.", "Look at it.")
    text = page(browser, drive.page)
    assert f"{SERVER} does not answer." in text
    # A little of the half minute has passed until the page is made.
    told = r"It is asked again in (2\d|30) s\. 5 questions in a row had no answer\."
    assert re.search(told, text)
    assert "Look at it." in text
    drive.see()
    assert f"{SERVER} does not answer." not in page(browser, drive.page)


def test_a_build_that_failed_says_why_and_offers_another(
    gitlab: BuildServer, alice: Person, visit: Visit
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


def test_a_duplicate_points_to_the_real_one(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    made = make_build()
    twin = BuildDrive.ask("billing", alice.actor, commit=COMMIT)
    real = f"/services/billing/versions/{made.build.version.name}"
    for address in (twin.page, "/builds", "/services/billing"):
        assert real in page(visit(alice), address), address
    assert "A duplicate." in page(visit(alice), twin.page)


def test_a_late_success_is_offered_and_taken_once(
    gitlab: BuildServer, alice: Person, dora: Person, visit: Visit
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
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    browser.post(f"/builds/{drive.build_id}/cancel")
    text = page(browser, drive.page)
    assert "Being cancelled." in text
    button = laid_flat(text).split("Cancel the build</button>")[0].rpartition("<button")[2]
    assert "disabled" in button
    drive.fail("It was cancelled.")
    assert "It was cancelled.</b>" in page(browser, drive.page)
    assert "mend it" not in page(browser, drive.page)
    browser.post(f"/builds/{drive.build_id}/cancel")
    assert "has ended." in page(browser, drive.page)


def test_the_parts_of_a_page_are_found_whatever_the_version_is_called_by_now(
    gitlab: BuildServer, alice: Person, visit: Visit
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


def test_a_clock_counts_from_when_it_was_asked_for(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    earlier = timezone.now() - timedelta(minutes=5)
    Build.objects.filter(pk=drive.build_id).update(
        created_at=earlier, deadline_at=F("deadline_at") - timedelta(minutes=5)
    )
    text = page(visit(alice), drive.page)
    assert f'data-since="{drive.build.created_at.isoformat()}"' in text
    assert "of at most 30 min" in text
