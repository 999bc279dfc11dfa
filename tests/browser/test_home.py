"""Home is shown anew while somebody is at work on it, by keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host
from tests.browser.company import V1, V2, signed_in
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


def halt(*wanted: str, **more: Any) -> int:
    """A rollout that its first failure halts; returns its number."""
    drive = Drive.take(fleet.begin(Actor.system(), *wanted, **more))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    return drive.value.number


@pytest.fixture
def halted(alice: Person) -> int:
    return halt("upgrade", "billing", "prod", V2, batches="1")


@pytest.fixture
def site(halted: int, page: Page) -> Iterator[str]:
    with signed_in(page) as address:
        yield address


def test_what_has_the_focus_keeps_it_when_home_is_shown_anew(
    site: str, page: Page, halted: int
) -> None:
    button = page.locator(f"#need-rollout-{halted} .acts a").first
    button.focus()
    above = halt("deploy", "billing", "dev", V1, hosts=("dev-1",), port=8080)
    Host.objects.filter(name="web-2").update(state="unreachable")
    expect(page.locator(f"#need-rollout-{above}")).to_be_visible()  # by home's own look
    expect(page.locator("#need-host-web-2")).to_be_visible()
    expect(button).to_be_focused()


def test_where_the_row_of_the_focus_is_gone_home_itself_has_it(
    site: str, page: Page, halted: int, alice: Person
) -> None:
    row = page.locator(f"#need-rollout-{halted}")
    row.locator(".acts a").first.focus()
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2, batches="1")  # settles the other one
    expect(row).to_have_count(0)
    expect(page.locator("#home")).to_be_focused()
