"""A day of somebody who operates three hundred services, in the browser: hosts come, one service of
many is released, and a version that is bad goes back by itself. Real processes, hosts by SSH."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.packages import package
from tests.browser.towns import EmptyTown, opened, sign_in_as_admin

pytestmark = pytest.mark.acceptance

SERVICES, COMING, THERE = 304, 50, 4
BACK, NOT_BEGUN = re.compile(r"web-1\s+taken back"), re.compile(r"web-[234]\s+cancelled")
CREATE = f"""
from django.utils import timezone
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.operations.services import create_service
for number in range({SERVICES - 2}):
    create_service(name=f"service-{{number}}", by=Actor.system(), now=timezone.now())
"""


class BusyTown(EmptyTown):
    """Some hosts run v1 of the shop, which has a bad v2; orders-eu was never released."""

    more = CREATE

    @property
    def shops(self) -> list[dict[str, object]]:
        return self.hosts[:THERE]

    @property
    def coming(self) -> list[dict[str, object]]:
        return self.hosts[THERE:]

    def _furnish(self) -> None:
        self.post("/environments", {"name": "prod", "order": 30, "watch_time": 1})
        self.post("/environments", {"name": "stores"})
        self.post("/keys", {"name": "default", "private_key": self.private_key})
        for host in self.shops:
            fields = {key: host[key] for key in ("name", "address", "port", "user", "root")}
            self.post("/hosts", {**fields, "environment": "prod"})
        self.start_worker()
        names = [host["name"] for host in self.shops]
        group = self.post("/checks", {"hosts": names, "learn_key": True})["id"]
        self.until(lambda: self.get(f"/checks/{group}")["finished"], "hosts are known")
        self.make_service("orders-eu", "v1")
        self.make_service("shop", "v1")
        bad = package(
            "shop", "v2", command="sh -c 'echo the till is empty; exit 1'", healthy_deadline="1s"
        )
        self.upload("shop", "v2", bad)
        self.await_end(self.start_rollout("deploy", "shop", "v1", hosts=names, batches="100%"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyTown]:
    with opened(BusyTown(tmp_path_factory.mktemp("town"), THERE + COMING)) as town:
        yield town


@pytest.fixture
def home(town: BusyTown, page: Page) -> Iterator[Page]:
    sign_in_as_admin(page, town)
    yield page
    page.goto("about:blank")


def test_fifty_hosts_are_looked_at_imported_and_found(town: BusyTown, home: Page) -> None:
    home.click("nav >> text=Hosts")
    home.click("text=Import")
    home.fill("#text", "\n".join([*table_of(town.coming), "no good,10.0.0.1,22,root,,"]))
    home.select_option("#environment", "stores")
    home.click("button:has-text('Show what it would do')")
    expect(home.locator("main")).to_contain_text("50 hosts would be brought")
    expect(home.locator("main")).to_contain_text("“no good” cannot be a host name.")
    expect(home.locator("table tbody tr")).to_have_count(COMING)
    assert town.get("/hosts", where="env:stores")["items"] == []  # nothing was done yet
    home.click("button:has-text('Import them and learn their keys')")
    home.wait_for_url("**/hosts")
    expect(home.locator("main")).to_contain_text("50 hosts are imported.")
    found = home.locator("#hosts tbody tr")
    ask(home, "env:stores")
    expect(found).to_have_count(COMING)
    expect(home.locator("#hosts .pill.is-ok")).to_have_count(COMING)  # each was reached by SSH
    ask(home, "env:stores rack:b state:ok")
    expect(found).to_have_count(COMING // 2)
    ask(home, f"-env:prod {town.coming[7]['name']}")
    expect(found).to_have_count(1)
    home.click(f"a.main:has-text('{town.coming[7]['name']}')")
    expect(home.locator("main")).to_contain_text("Nothing runs here.")
    expect(home.locator("main")).to_contain_text("rack=b")


def table_of(hosts: list[dict[str, object]]) -> list[str]:
    names = ("name", "address", "port", "user", "root")
    lines = [",".join(str(host[name]) for name in names) for host in hosts]
    return [
        ",".join((*names, "labels")),
        *(f"{line},rack={'ab'[number % 2]}" for number, line in enumerate(lines)),
    ]


def ask(page: Page, text: str) -> None:
    """Ask a list as one types."""
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type(text)


def test_one_of_many_services_is_found_and_released(town: BusyTown, home: Page) -> None:
    home.keyboard.press("Control+k")
    home.keyboard.type("orders")
    expect(home.locator("#found a").first).to_contain_text("orders-eu")
    home.keyboard.press("Enter")
    home.wait_for_url("**/services/orders-eu")
    home.click("nav >> text=Services")
    expect(home.locator("main")).to_contain_text(str(SERVICES))
    home.keyboard.press("n")
    home.wait_for_url("**/rollouts/new")
    _choose_a_service_that_runs_nowhere(home, "orders-eu", of=SERVICES)
    home.check("[name=hosts][value=web-2]")
    expect(home.locator("#plan")).to_contain_text("1 host")
    home.fill("#confirm", "orders-eu")
    home.click("#start")
    home.wait_for_url(re.compile(r"/rollouts/\d+$"))
    expect(home.locator("main")).to_contain_text("Done")
    expect(home.locator(".cell.is-ok")).to_have_count(1)
    assert [town.running(host, "orders-eu") for host in town.shops] == ["", "v1", "", ""]


def _choose_a_service_that_runs_nowhere(home: Page, service: str, *, of: int) -> None:
    """It is found among `of`; proposed is to deploy it, and another operation says what to do."""
    expect(home.locator("#service option")).to_have_count(of + 1)
    home.locator("#find_service").press_sequentially("orders")
    expect(home.locator("#service option")).to_have_count(2)
    home.select_option("#service", service)
    home.check("[name=environment][value=prod]", force=True)
    expect(home.locator("[name=kind][value=deploy]")).to_be_checked()
    home.check("[name=kind][value=upgrade]", force=True)
    expect(home.locator("#plan")).to_contain_text(f"{service} is nowhere in prod.")
    expect(home.locator("#plan")).to_contain_text("Deploy it to hosts first.")
    home.check("[name=kind][value=deploy]", force=True)


def test_a_failing_canary_is_found_out_and_goes_back_by_itself(town: BusyTown, home: Page) -> None:
    home.goto(f"{town.address}/services/shop")
    home.click("#prod a:has-text('Upgrade')")
    expect(home.locator("#version")).to_have_value("v2")
    home.fill("#confirm", "shop")
    home.click("#start")
    home.wait_for_url(re.compile(r"/rollouts/\d+$"))
    expect(home.locator("#live")).to_have_text("end of the log")
    expect(home.locator(".sentence")).to_contain_text("Halted: 1 failed, 0 allowed.")
    expect(home.locator(".problems")).to_contain_text("1 host did not make it")
    expect(home.locator(".problems")).to_contain_text("the till is empty")
    expect(home.locator(".cell")).to_have_text([BACK, *[NOT_BEGUN] * 3])
    expect(home.locator("#log p", has_text="Runs v1 again, healthy.")).to_have_count(1)
    touched = [bool(town.bodies(host, "shop", "v2")) for host in town.shops]
    assert touched == [True, False, False, False]
    assert {town.running(host, "shop") for host in town.shops} == {"v1"}
    home.click("a.mark")
    expect(home.locator("h1")).to_have_text("1 thing needs a look.")
    home.click(".needs >> text=What happened")
    home.wait_for_url(re.compile(r"/rollouts/\d+$"))
    home.click("h1 a")
    expect(home.locator("#prod")).to_contain_text("Locked by rollout")
    home.click("a:has-text('v2') >> nth=0")
    expect(home.locator("main")).to_contain_text("prod: taken back")
    expect(home.locator("main")).to_contain_text("no way back, and not promoted from there")
