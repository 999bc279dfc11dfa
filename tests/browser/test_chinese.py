"""A rollout that fails is watched in Chinese: nothing that comes live is an English sentence."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.words import End
from slipway.records.rollouts.models import Rollout
from tests.browser.company import V2, found_company, sign_in, web_server
from tests.chinese import english_in
from tests.controller.company import Company
from tests.fakes.steps import NOT_HEALTHY
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive

# Keeps whatever the page has ever shown, but for what hosts print and for the language's own name.
WATCH = """
window.shown = new Set();
const read = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, style, .output, pre.text"))
      window.shown.add(node.data.trim());
  }
  for (const name of ["title", "aria-label", "placeholder", "data-ask", "data-ask-more"])
    for (const element of document.querySelectorAll(`[${name}]`))
      window.shown.add(element.getAttribute(name));
  window.shown.add(document.title);
};
addEventListener("DOMContentLoaded", () => {
  read();
  new MutationObserver(read).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
});
"""


@contextmanager
def reading_chinese(page: Page, name: str) -> Iterator[str]:
    """The address of the site, where somebody is signed in and reads Chinese."""
    with web_server() as address:
        sign_in(page, address, name)
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": address}])
        page.add_init_script(WATCH)
        yield address
        page.goto("about:blank")


def ever_shown(page: Page) -> str:
    shown: list[str] = page.evaluate("[...window.shown]")
    return "\n".join(shown)


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    """Four hosts that run 1.0; 1.1 never gets healthy."""
    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        own = apart.submit(_company).result()
        yield own
        apart.submit(connections.close_all).result()


def _company() -> Company:
    own = Company()
    assert own.run_all("deploy", own.old).state == "succeeded"
    own.fleet.unhealthy.add("1.1")
    person("anna", ("admin", "", ""))
    return own


@contextmanager
def driven(company: Company, rollout: Rollout) -> Iterator[threading.Event]:
    """Drive a rollout as a worker does, apart; it is held at the canary's health check until the
    event is set."""
    go_on, gate = threading.Event(), company.fleet.at("web-1").hold("probe")

    async def scenario(_worker: object) -> None:
        await asyncio.to_thread(go_on.wait)
        gate.set()

    def drive() -> None:
        try:
            company.drive(rollout, scenario)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as apart:
        worker = apart.submit(drive)
        try:
            yield go_on
        finally:
            go_on.set()
            worker.result()


def test_a_failing_rollout_is_watched_from_start_to_end(page: Page, company: Company) -> None:
    """By the real controller: the canary never gets healthy and goes back, the rest stays."""
    rollout = company.start("upgrade", company.new, batches="1 50%")
    canary, live = page.locator(".cell").first, page.locator("#live")
    with reading_chinese(page, "anna") as site:
        page.goto(f"{site}/rollouts/{rollout.pk}")
        expect(page.locator(".sentence")).to_contain_text("等待工作进程")
        with driven(company, rollout) as go_on:
            expect(canary).to_contain_text("健康检查")
            canary.click()
            expect(page.locator("#target")).to_contain_text("健康检查")
            go_on.set()
            expect(live).to_have_text("日志结束")
        expect(canary).to_contain_text("已回滚")
        expect(page.locator(".head .pill")).to_have_text("升级 · 已停止并回滚")
        expect(page.locator(".problems")).to_contain_text("原因归属： 版本")
        expect(page.locator("#target")).to_contain_text("未能通过健康检查")
        expect(page.locator("#log")).to_contain_text("第 1 批（共 3 批）已结束：1 个已回滚")
        expect(page.locator("#log")).to_contain_text("回滚到 1.0")
        shown = ever_shown(page)
    assert "等待工作进程" in shown
    assert english_in(shown, printed=NOT_HEALTHY) == []


def test_a_question_is_asked_live_in_chinese(page: Page, transactional_db: None) -> None:
    alice: Person = found_company()
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    drive = Drive.take(rollout)
    place = drive.places()[0]
    with reading_chinese(page, "alice") as site:
        page.goto(f"{site}/rollouts/{rollout.pk}")
        drive.start(place)
        expect(page.locator(".cell").first).to_have_attribute("data-state", "running")
        asked = Question(Asks.NO_ROOM, say.no_room((place,), 1), (place,))
        drive.write({}, asks=asked)
        expect(page.locator(".sentence")).to_contain_text("最多允许 1 个")
        expect(page.get_by_role("button", name="不带它们继续")).to_be_visible()
        drive.close(End.CANCELLED, asks=None, cancelled=True)
        expect(page.locator("#live")).to_have_text("日志结束")
        shown = ever_shown(page)
    assert english_in(shown) == []
