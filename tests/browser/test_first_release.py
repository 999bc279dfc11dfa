"""From an empty installation to a release on a real SSH host and back, in the browser alone: real
processes, a host that outlives them, and nothing that was set up beside the pages."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.packages import package
from tests.browser.towns import EmptyTown, opened, sign_in_as_admin
from tests.ports import free_port

pytestmark = pytest.mark.acceptance


@pytest.fixture
def town(tmp_path: Path) -> Iterator[EmptyTown]:
    with opened(EmptyTown(tmp_path, hosts=1)) as town:
        yield town


@pytest.fixture
def home(town: EmptyTown, page: Page) -> Iterator[Page]:
    sign_in_as_admin(page, town)
    yield page
    page.goto("about:blank")


def test_from_nothing_to_a_release_and_back(town: EmptyTown, home: Page, tmp_path: Path) -> None:
    host = town.hosts[0]
    make_environment_and_key(home, town)
    add_a_host_that_lets_nobody_in(home, town)
    use_a_key_that_the_host_knows(home, town)
    check_again(home, town)
    release_the_first_version(home, town, tmp_path)
    town.until(lambda: town.running(host, "hello") == "v1", "v1 runs on the host")
    release_a_second_version(home, town, tmp_path)
    town.until(lambda: town.running(host, "hello") == "v2", "v2 runs on the host")
    at_step(home, town, 7, "And back")
    home.click("text=Plan the way back")
    start(home)
    town.until(lambda: town.running(host, "hello") == "v1", "v1 runs again")
    home.goto(town.address)
    expect(home.locator("main")).not_to_contain_text("From nothing to the first release")
    expect(home.locator("main")).to_contain_text("All is calm")


def make_environment_and_key(home: Page, town: EmptyTown) -> None:
    at_step(home, town, 1, "Environment")
    home.click("text=Add an environment")
    home.fill("#name", "test")
    home.fill("#watch_time", "1s")
    home.click("button:has-text('Add the environment')")
    at_step(home, town, 2, "SSH key")
    home.click("text=Make a key")
    home.click("button:has-text('Keep the key')")  # made here: no host knows it yet
    expect(home.locator("main")).to_contain_text("The key default is kept.")


def add_a_host_that_lets_nobody_in(home: Page, town: EmptyTown) -> None:
    at_step(home, town, 3, "First host")
    home.click(".first-step.open >> text=Add a host")
    for field in ("name", "address", "port", "user", "root"):
        home.fill(f"#{field}", str(town.hosts[0][field]))
    home.click("button:has-text('Add it, learn its key and check')")
    at_step(home, town, 3, "web-1 does not let root in with our key.")
    trials = home.locator(".probe > li")
    expect(trials.nth(0)).to_have_class("is-ok")  # its key is learnt
    expect(trials.nth(1)).to_have_class("is-fail")  # the login
    expect(trials.nth(2)).to_have_class("is-wait")  # what comes after it
    expect(home.locator("#helps")).to_contain_text(">> ~/.ssh/authorized_keys")


def check_again(home: Page, town: EmptyTown) -> None:
    at_step(home, town, 3, "web-1 does not let root in with our key.")
    home.click("button:has-text('Check again')")
    at_step(home, town, 4, "Service")
    system = town.get("/hosts/web-1")["facts"]["os"]
    expect(home.locator(".first-step").nth(2)).to_contain_text(f"web-1 · {system}")


def release_the_first_version(home: Page, town: EmptyTown, folder: Path) -> None:
    add_the_service(home)
    upload(home, town, folder, "v1")
    at_step(home, town, 6, "Release")
    home.click("text=Plan it")
    home.check("input[name=hosts][value=web-1]")
    start(home)


def add_the_service(home: Page) -> None:
    home.click(".first-step.open >> text=Add a service")
    home.fill("#name", "hello")
    home.click("button:has-text('Add the service')")


def release_a_second_version(home: Page, town: EmptyTown, folder: Path) -> None:
    at_step(home, town, 7, "And back")
    home.click(".first-step.open >> text=Upload a version")
    upload(home, town, folder, "v2")
    at_step(home, town, 7, "And back")
    home.click("text=Plan the upgrade")
    start(home)


def at_step(home: Page, town: EmptyTown, number: int, what: str) -> None:
    """Home says by itself where one is: it looks again while it is open."""
    home.goto(town.address)
    expect(home.locator("main")).to_contain_text(f"Step {number} of 7: {what}")


def use_a_key_that_the_host_knows(home: Page, town: EmptyTown) -> None:
    home.goto(f"{town.address}/keys")
    home.fill("#name", "known")
    home.check("[value=given]", force=True)
    home.fill("#private_key", town.private_key)
    home.click("button:has-text('Keep the key')")
    expect(home.locator("main")).to_contain_text("The key known is kept.")
    home.goto(f"{town.address}/hosts/web-1/change")
    home.select_option("#key", "known")
    home.click("button:has-text('Keep')")
    home.wait_for_url("**/hosts/web-1")


def upload(home: Page, town: EmptyTown, folder: Path, version: str) -> None:
    file = folder / f"hello-{version}.tar.gz"
    file.write_bytes(package("hello", version))
    home.wait_for_url("**/versions/-/new")
    home.set_input_files("#file", str(file))
    home.fill("#version", version)
    home.click("button:has-text('Upload')")
    home.wait_for_url(f"{town.address}/services/hello/versions/{version}")


def start(home: Page) -> None:
    """Start what is planned, and see it end well."""
    expect(home.locator("#start")).to_be_enabled()
    home.click("#start")
    home.wait_for_url("**/rollouts/*")
    expect(home.locator("main")).to_contain_text("Done")


def test_who_has_no_package_releases_the_example_and_goes_back(
    town: EmptyTown, home: Page, tmp_path: Path
) -> None:
    make_environment_and_key(home, town)
    add_a_host_that_lets_nobody_in(home, town)
    use_a_key_that_the_host_knows(home, town)
    check_again(home, town)
    add_the_service(home)
    port = free_port()
    at_step(home, town, 5, "Version")
    take_example(home, town, tmp_path)
    at_step(home, town, 6, "Release")
    home.click("text=Plan it")
    home.check("input[name=hosts][value=web-1]")
    home.fill("#port", str(port))
    start(home)
    assert served(port) == "hello 1"
    at_step(home, town, 7, "And back")
    take_example(home, town, tmp_path)
    at_step(home, town, 7, "And back")
    home.click("text=Plan the upgrade")
    start(home)
    assert served(port) == "hello 2"
    at_step(home, town, 7, "And back")
    home.click("text=Plan the way back")
    start(home)
    assert served(port) == "hello 1"


def take_example(home: Page, town: EmptyTown, folder: Path) -> None:
    with home.expect_download() as taken:
        home.click("text=Take an example")
    file = folder / taken.value.suggested_filename
    taken.value.save_as(file)
    home.click(".first-step.open >> text=Upload a version")
    home.set_input_files("#file", str(file))
    home.click("button:has-text('Upload')")
    home.wait_for_url(re.compile(r"/services/hello/versions/\d"))


def served(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/") as answer:
        return str(answer.read().decode().split("<h1>")[1].split("</h1>")[0])
