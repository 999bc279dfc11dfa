"""Every page, in both themes and languages, on a desk and on a phone: axe finds nothing wrong."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import Page, expect

from slipway.core.rollout.value.words import Cause, End
from slipway.interfaces import web
from slipway.interfaces.web.urls import urlpatterns
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host
from slipway.records.fleet.operations.windows import add_window
from tests.browser.axe import faults_of
from tests.browser.company import V1, V2, found_company, sign_in, web_server
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.planting import plant_builds

# What is no page: parts of one, streams, downloads, and what only buttons ask for.
NO_PAGES = (
    *("/head", "/events", "/parts", "/package", "/log", "/log.txt", "/export", "/targets/"),
    *("/lock", "/unlock", "/rules"),
    *("/withdraw", "/clear", "/cancel", "/take", "/test", "/delete", "/checks", "/check", "/keys"),
    *(
        "/maintenance",
        "/named-users",
        "/forget-key",
        "/restore",
        "/remove",
        "/retention",
        "/looks",
        "/password",
        "/signing-in",
        "/grants",
        "/grants/take",
        "/tokens",
        "/revoke",
    ),
    *("/plan", "/pause", "/resume", "/promote", "/retry", "/rollback", "/without", "logout"),
)
APART = {"login", "builds/<id:build_id>"}  # without signing in; leads to a version
LOOKS = [
    *((theme, 1440, language) for theme in ("light", "dark") for language in ("en", "zh-hans")),
    ("light", 390, "en"),
    ("dark", 390, "zh-hans"),
]

# Lists, where there is nothing to list.
EMPTY = ("/", "/services", "/builds", "/rollouts", "/rollouts/new", "/hosts", "/packages", "/audit")


def _pages() -> list[str]:
    """A company in which something of everything is to be seen; the addresses of its pages."""
    alice = found_company()
    built = plant_builds("a text")
    person("root", is_superuser=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    done = fleet.run(Actor.system(), "deploy", "billing", "dev", V1, hosts=("dev-1",), port=8080)
    halted = Drive.take(fleet.begin(Actor.system(), "restart", "billing", "dev"))
    halted.start(halted.targets()[0])
    halted.fail(halted.targets()[0])
    halted.close(End.HALTED, halted=Cause.VERSION)
    add_window(
        environment=Environment.objects.get(name="dev"),
        begin="2026-01-01T00:00:00Z",
        until="2026-01-02T00:00:00Z",
        reason="holidays",
        by=Actor.system(),
        now=timezone.now(),
    )
    plan = "/rollouts/new?service=billing&environment=dev&kind=upgrade"
    return [
        *("/", "/services", "/services/billing", "/services/shop", "/services/billing/versions"),
        f"/services/billing/versions/{V1}",
        *(each for each in built if not each.endswith("/parts") and "/checks/" not in each),
        *("/rollouts", "/rollouts/new", plan, f"{plan}&version={V2}"),
        *(f"/rollouts/{drive.value.number}", f"/rollouts/{done.pk}"),
        f"/rollouts/{halted.value.number}",
        *("/hosts", "/hosts?search=nothing", "/hosts/web-1", "/hosts/web-1/change"),
        *(
            "/environments/dev",
            "/environments/prod",
            "/packages",
            "/audit",
            "/audit?from=x&to=x",
            "/me",
            "/find?q=b",
        ),
        *("/system", "/people", "/people/-/new", "/people/-/may", "/people/alice"),
        *("/hosts/-/new", "/hosts/-/import", "/keys", "/environments", "/environments/-/new"),
        *("/environments/prod/change", "/services/-/new", "/services/billing/spec"),
        *("/services/billing/versions/-/new", "/services/billing/change"),
        *("/build-servers/-/new", "/services/nothing", "/no-such-page", "/builds?service=none"),
    ]


TEMPLATES = Path(web.__file__).parent / "templates"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_what_a_program_printed_is_scrolled_by_keys(path: Path) -> None:
    printed = re.findall(r"<pre[^>]*>", path.read_text())
    assert [each for each in printed if 'tabindex="0"' not in each] == []


@pytest.fixture
def pages(transactional_db: None) -> list[str]:
    return _pages()


@pytest.fixture
def site(pages: list[str], page: Page, expected: list[str]) -> Iterator[str]:
    expected += ["Failed to load resource"]  # of the pages that are not there
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    with web_server() as address:
        sign_in(page, address, "root")
        yield address
        page.goto("about:blank")


def test_every_page_is_among_them(pages: list[str]) -> None:
    there = (address.partition("?")[0] for address in pages if "no-such" not in address)
    seen = {resolve(address).route for address in there}
    routes = {str(each.pattern) for each in urlpatterns}
    missed = {route for route in routes - seen if not f"/{route}".endswith(NO_PAGES)}
    parts = ("targets/", "checks/")
    assert {each for each in missed if not any(part in each for part in parts)} == APART


@pytest.mark.parametrize(("theme", "width", "language"), LOOKS)
def test_nothing_is_wrong_with_any_page(
    site: str, page: Page, pages: list[str], theme: str, width: int, language: str
) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    wrong = []
    for address in pages:
        page.goto(f"{site}{address}")
        assert page.locator("html").get_attribute("lang") == language
        for details in page.locator("details:not([data-menu])").all():
            details.evaluate("(element) => { element.open = true; }")
        wrong += [f"{address} {fault}" for fault in faults_of(page)]
    assert "\n".join(wrong) == ""


def test_nothing_is_wrong_with_what_opens(site: str, page: Page, pages: list[str]) -> None:
    boards = (each for each in pages if each.startswith("/rollouts/") and "/new" not in each)
    board = next(boards)
    page.goto(f"{site}{board}")
    page.locator(".cell").first.click()
    expect(page.locator("#drawer h2")).to_be_visible()
    wrong = {"the drawer": faults_of(page)}
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#found a").first).to_be_visible()
    wrong["the palette"] = faults_of(page)
    page.keyboard.press("Escape")
    page.click("form[action$=cancel] button")
    expect(page.locator("#ask")).to_be_visible()
    wrong["a question"] = faults_of(page)
    assert {name: faults for name, faults in wrong.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_wrong_for_strangers(site: str, page: Page, theme: str, language: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page.goto(f"{site}/login?next=/hosts")
    assert page.locator("html").get_attribute("lang") == language
    assert faults_of(page) == []


def test_nothing_is_wrong_where_there_is_nothing(
    transactional_db: None, page: Page, expected: list[str]
) -> None:
    make_company()
    Host.objects.all().delete()
    person("root", is_superuser=True)
    with web_server() as address:
        sign_in(page, address, "root")
        wrong = []
        for place in EMPTY:
            page.goto(f"{address}{place}")
            wrong += [f"{place} {fault}" for fault in faults_of(page)]
        page.goto("about:blank")
    assert wrong == []
