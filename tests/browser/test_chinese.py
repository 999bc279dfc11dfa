"""A rollout that fails is watched in Chinese: nothing that comes live is an English sentence."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from slipway.core.rollout.words import Cause, End
from slipway.core.sentence import Sentence
from tests.browser.company import V2, found_company, sign_in, web_server
from tests.chinese import english_in
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive

OUTPUT = "listening on port 8080, then gone again"


@pytest.fixture
def alice(transactional_db: None) -> Person:
    return found_company()


@pytest.fixture
def site(alice: Person, page: Page) -> Iterator[str]:
    """The address of the site, where Alice is signed in and reads Chinese."""
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    with web_server() as address:
        sign_in(page, address)
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": address}])
        yield address
        page.goto("about:blank")


def test_a_failing_rollout_is_told_live_in_chinese(site: str, page: Page, alice: Person) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    page.goto(f"{site}/rollouts/{rollout.pk}")
    drive = Drive.take(rollout)
    first = drive.targets()[0]
    log, board = page.locator("#log"), page.locator("main")
    drive.start(first)
    drive.say(OUTPUT, target=first)
    expect(log).to_contain_text(OUTPUT)
    never = Sentence.of(
        "never_healthy", "{place}: {version} did not become healthy.",
        place=drive.place(first), version=V2,
    )  # fmt: skip
    ill = Sentence.of(
        "never_healthy",
        "{problem} It said: {said}",
        hint="Read the service's own log on the host; the step's output says what was tried.",
        problem=never,
        said="gone",
    )
    drive.fail(first, ill)
    expect(log).to_contain_text("未能通过健康检查")
    expect(page.locator(".cell").first).to_have_attribute("title", re.compile("未能通过健康检查"))
    drive.close(End.HALTED, halted=Cause.VERSION)
    expect(page.locator(".sentence")).to_contain_text("已停止：1 个失败，允许 0 个。")
    expect(page.locator(".sentence")).to_contain_text("未能通过健康检查")
    titles = [cell.get_attribute("title") or "" for cell in page.locator("[title]").all()]
    shown = "\n".join([board.inner_text().replace(OUTPUT, ""), *titles])
    assert english_in(shown) == []
