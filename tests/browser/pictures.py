"""Takes a picture of each page, as SLIPWAY_PICTURES says where: `bin/pictures FOLDER`.

No test, and no part of them: what comes out is for somebody's eyes.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from slipway.records.accounts.rights import Actor
from tests.browser.company import V1, V2, sign_in, signed_in, web_server
from tests.browser.every_page import every_page
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive

SIZES = {"wall": (1920, 1080), "desk": (1440, 900), "phone": (390, 844)}
LANGUAGES = {"en": "en", "zh": "zh-hans"}
LOOKS = [
    (size, theme, language)
    for size in SIZES
    for theme in ("light", "dark")
    for language in LANGUAGES
]


@pytest.fixture
def site(
    transactional_db: None, page: Page, expected: list[str]
) -> Iterator[tuple[str, list[str]]]:
    expected += ["Failed to load resource"]  # of the pages that are not there
    pages = every_page()
    with signed_in(page, "root") as address:
        yield address, pages


def test_pictures(site: tuple[str, list[str]], page: Page) -> None:
    address, pages = site
    only = os.environ.get("SLIPWAY_PICTURES_ONLY", "")
    for size, theme, language in LOOKS:
        name = f"{size}-{theme}-{language}"
        if not re.search(only, name):
            continue
        folder = Path(os.environ["SLIPWAY_PICTURES"], name)
        folder.mkdir(parents=True, exist_ok=True)
        cookie = {"name": "django_language", "value": LANGUAGES[language], "url": address}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        dark = theme == "dark"
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        for path in pages:
            page.goto(f"{address}{path}")
            page.screenshot(path=folder / f"{_file_name(path)}.png", full_page=True)


def test_pictures_of_the_documents(transactional_db: None, page: Page, expected: list[str]) -> None:
    """docs/pictures/board.png: an upgrade in its second batch, with a host that did not make it."""
    make_company()
    names = ("web-1", "web-2", *(f"web-{number}" for number in range(10, 24)))
    fleet.add_hosts("prod", *names[2:])
    fleet.reach_hosts(*names)
    for version in (V1, V2):
        fleet.make_version("billing", version)
    fleet.run(Actor.system(), "deploy", "billing", "prod", V1, hosts=names, port=8080)
    rollout = _at_work()
    with web_server() as address:
        sign_in(page, address)
        page.goto(f"{address}/rollouts/{rollout}")
        page.locator("#live").get_by_text("live").wait_for()
        page.screenshot(path=Path(os.environ["SLIPWAY_PICTURES"], "board.png"))
        page.goto("about:blank")


def _at_work() -> int:
    """Return the number of an upgrade in its second batch."""
    alice = person("alice", ("deployer", "billing", ""))
    wanted = fleet.begin(
        alice.actor, "upgrade", "billing", "prod", V2, reason="Fixes the double booking"
    )
    drive = Drive.take(wanted)
    canary, *others = drive.targets()
    drive.start(canary)
    drive.succeed(canary)
    at_work = [target for target in others if target.batch == others[0].batch]
    drive.start(*at_work)
    drive.succeed(at_work[0])
    drive.fail(at_work[1], f"{{place}}: {V2} did not become healthy. It said: HTTP 503.")
    drive.step(at_work[2], ("receipt", "switch"), "restart")
    return drive.value.number


def _file_name(path: str) -> str:
    return re.sub(r"[^\w.-]+", "-", path).strip("-")[:80] or "home"
