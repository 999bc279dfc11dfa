"""A rollout that fails is watched in Chinese: nothing that comes live is an English sentence."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from slipway.controller.verdict import StepFailed

from slipway.core.kinds import RolloutStatus
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
    drive.say(OUTPUT, level="output", target=first)
    expect(log).to_contain_text(OUTPUT)
    ill = StepFailed(
        "{host}: {version} did not become healthy.{said}",
        hint="Read the service's own log on the host; the step's output says what was tried.",
        host=first.host.name,
        version=V2,
        said=Sentence.of("said_last", " It said: {words}", words="gone"),
    )
    drive.say(ill.sentence, level="error", target=first)
    expect(log).to_contain_text("未能通过健康检查")
    drive.fail(first, ill)
    expect(page.locator(".cell").first).to_have_attribute("title", re.compile("未能通过健康检查"))
    halted = Sentence.of("canary_failed", "{count} failed in the canary batch, {allowed} allowed",
                         count=1, allowed=0)  # fmt: skip
    outcome = Sentence.of("halted", "{reason}: {problem}", reason=halted, problem=ill.sentence)
    drive.close(RolloutStatus.HALTED, outcome)
    expect(page.locator(".sentence")).to_contain_text("金丝雀批次失败")
    titles = [cell.get_attribute("title") or "" for cell in page.locator("[title]").all()]
    shown = "\n".join([board.inner_text().replace(OUTPUT, ""), *titles])
    assert english_in(shown) == []
