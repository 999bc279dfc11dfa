"""The first release by the keyboard alone: from signing in to a service that runs, no mouse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.packages import package
from tests.browser.by_keys import Keys
from tests.browser.towns import SOON, EmptyTown, opened

pytestmark = pytest.mark.acceptance


@pytest.fixture
def town(tmp_path: Path) -> Iterator[EmptyTown]:
    with opened(EmptyTown(tmp_path, hosts=1)) as town:
        yield town


@pytest.fixture
def keys(town: EmptyTown, page: Page) -> Iterator[Keys]:
    page.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    page.goto(town.address)
    yield Keys(page)
    page.goto("about:blank")


def test_the_first_release(town: EmptyTown, keys: Keys, tmp_path: Path) -> None:
    sign_in(keys, town)
    make_an_environment(keys)
    keep_a_key(keys, town)
    add_a_host(keys, town)
    add_a_service(keys)
    upload_a_version(keys, tmp_path)
    release_it(keys)
    town.until(lambda: town.running(town.hosts[0], "hello") == "v1", "v1 runs on the host")


def sign_in(keys: Keys, town: EmptyTown) -> None:
    keys.still_at("#username")
    keys.type("admin")
    keys.to("#password")
    keys.type(town.password)
    keys.press("Enter")


def at_step(keys: Keys, number: int, what: str) -> None:
    expect(keys.page.locator("main")).to_contain_text(f"Step {number} of 7: {what}")


def go_home(keys: Keys) -> None:
    keys.to("a.mark")
    keys.press("Enter")


def past_the_head(keys: Keys) -> None:
    keys.to(".skip")
    keys.press("Enter")


def make_an_environment(keys: Keys) -> None:
    at_step(keys, 1, "Environment")
    past_the_head(keys)
    keys.to(".first-step.open a")
    keys.press("Enter")
    keys.to("#name")
    keys.type("test")
    keys.to("#watch_time")
    keys.type("1s")
    keys.press("Enter")
    expect(keys.page.locator("main")).to_contain_text("test")


def keep_a_key(keys: Keys, town: EmptyTown) -> None:
    go_home(keys)
    at_step(keys, 2, "SSH key")
    keys.to(".first-step.open a")
    keys.press("Enter")
    keys.to("[name=how]:checked")
    keys.press("ArrowRight")
    keys.to("#private_key")
    keys.paste(town.private_key)
    keys.to("main .primary")
    keys.press("Enter")
    expect(keys.page.locator("main")).to_contain_text("The key default is kept.")


def add_a_host(keys: Keys, town: EmptyTown) -> None:
    go_home(keys)
    at_step(keys, 3, "First host")
    keys.to(".first-step.open a")
    keys.press("Enter")
    keys.page.wait_for_url("**/hosts/-/new")
    for field in ("name", "address", "port", "user", "root"):
        keys.to(f"#{field}")
        keys.press("Control+a")
        keys.type(str(town.hosts[0][field]))
    keys.press("Enter")  # in a field: what the page proposes


def add_a_service(keys: Keys) -> None:
    go_home(keys)
    at_step(keys, 4, "Service")
    keys.to(".first-step.open a")
    keys.press("Enter")
    keys.to("#name")
    keys.type("hello")
    keys.press("Enter")
    keys.page.wait_for_url("**/versions/-/new")


def upload_a_version(keys: Keys, folder: Path) -> None:
    file = folder / "hello-v1.tar.gz"
    file.write_bytes(package("hello", "v1"))
    # The window of the system, which has keys, too. Said before the way there: the browser is told
    # of it beside the keys, and a busy one would open the window itself.
    with keys.page.expect_file_chooser() as chosen:
        keys.to("#file")
        keys.press("Enter")
    chosen.value.set_files(file)
    keys.to("#version")
    keys.type("v1")
    keys.press("Enter")
    keys.page.wait_for_url("**/services/hello/versions/v1")


def release_it(keys: Keys) -> None:
    page = keys.page
    go_home(keys)
    at_step(keys, 6, "Release")
    keys.press("?")
    expect(page.locator("#keys")).to_contain_text("New rollout")
    keys.press("Escape")
    keys.press("n")
    page.wait_for_url("**/rollouts/new")
    plan_it(keys)
    keys.to("#start")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/rollouts/\d+$"))
    expect(page.locator("main")).to_contain_text("Done")


def plan_it(keys: Keys) -> None:
    """Whatever is chosen, the page comes anew, and the focus stays where it was."""
    page = keys.page
    keys.to("[name=kind]:checked")
    while not page.locator("[name=kind][value=deploy]").is_checked():
        keys.press("ArrowLeft")
    expect(page.locator("#port")).to_be_attached()
    keys.still_at("[name=kind][value=deploy]")
    keys.to("#service")
    keys.type("hello")
    expect(page.locator("#version")).to_have_value("v1")
    keys.still_at("#service")
    keys.to("[name=environment]")
    keys.press("Space")
    keys.to("input[name=hosts][value=web-1]")
    keys.press("Space")
    expect(page.locator("#plan")).to_contain_text("1 host")
    keys.still_at("input[name=hosts][value=web-1]")
    expect(page.locator("#start")).to_be_enabled()
