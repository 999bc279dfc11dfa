"""A release spec that lacks something: who meets it is told, led to it, and led back."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from slipway.core.spec.parsing import parse_new_spec
from slipway.core.spec.starting import lacks_start
from slipway.interfaces.web.rollouts.plan.wish import Form
from slipway.interfaces.web.services.spec import spec_examples
from slipway.records.catalog.models import Service
from tests.interfaces.archives import package
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import Visit

NEW, SPEC, UPLOAD = "/services/-/new", "/services/billing/spec", "/services/billing/versions/-/new"
GOOD = "run: ./bin/app\n"


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def test_a_spec_that_a_plan_lacked_is_kept_on_the_way_back_to_that_plan(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    Service.objects.filter(name="billing").update(spec={})
    fleet.make_version("billing", "3.0", spec="")
    chosen = {"service": "billing", "environment": "prod", "kind": "deploy", "version": "3.0"}
    wish = {**chosen, "hosts": ["web-1", "web-2"], "port": "8090", "batches": "1 *2"}
    plan = browser.post("/rollouts/plan", wish).content.decode()
    assert "does not say what to run" in plan
    link = html.unescape(re.findall(rf'href="({SPEC}\?[^"]*)"', plan)[0])
    back = parse_qs(urlsplit(link).query)["next"][0]
    page = browser.get(link).content.decode()
    assert f'name="next" value="{html.escape(back)}"' in page
    assert "Keep, and back to the plan" in page
    form = {"was_spec": "", "do": "keep", "next": back}
    wrong = browser.post(SPEC, {**form, "spec": "run: ["}).content.decode()
    assert f'name="next" value="{html.escape(back)}"' in wrong
    answer = browser.post(SPEC, {**form, "spec": "run: ./bin/app ${PORT}"})
    assert answer.headers["Location"] == back
    again = browser.get(back).content.decode()
    assert re.findall(r'name="hosts" value="([^"]*)" checked', again) == ["web-1", "web-2"]
    for name, value in (("port", "8090"), ("batches", r"1 \*2"), ("kind", "deploy")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', again)
    assert "does not say what to run" not in again
    assert "The release spec is kept." in again


def test_more_hosts_than_an_address_carries_are_left_out_of_it() -> None:
    hosts = [f"a-host-with-a-name-{number}" for number in range(1000)]
    data = QueryDict(mutable=True)
    data.update({"service": "billing", "port": "8090"})
    data.setlist("hosts", hosts)
    assert Form.read(data).address == "/rollouts/new?service=billing&port=8090"
    data.setlist("hosts", hosts[:2])
    assert Form.read(data).address.endswith(
        "&hosts=a-host-with-a-name-0&hosts=a-host-with-a-name-1"
    )


def test_a_version_that_nothing_says_how_to_start_is_told_so_and_led_to_where_it_is_said(
    browser: Client, dora: Person, visit: Visit
) -> None:
    Service.objects.filter(name="billing").update(spec={})
    form = {"file": SimpleUploadedFile("site.tar.gz", package(spec="")), "version": "v1"}
    page = browser.post(UPLOAD, form, follow=True).content.decode()
    assert "It cannot be started yet." in page
    assert "The release spec of billing does not say what to run." in page
    assert (
        '<a class="btn primary" href="/services/billing/spec?next=%2Fservices%2Fbilling%2F' in page
    )
    assert page.count('<a class="btn primary"') == 1
    assert "Release to" not in page
    assert "Promote to" not in page
    assert '<span class="pill status is-ok">' not in page
    version = browser.get("/api/v1/services/billing/versions/v1").json()
    assert version["lacks"] == "The release spec of billing does not say what to run."
    assert version["lacks_hint"] == "Add run: to slipway.yaml or to the service's release spec."
    whole = browser.get("/services/billing").content.decode()
    assert "v1 cannot be started yet." in whole
    assert 'href="/services/billing/spec?next=%2Fservices%2Fbilling"' in whole
    assert (
        'title="cannot be started yet"'
        in browser.get("/services/billing/versions").content.decode()
    )
    told = visit(dora).get("/services/billing/versions/v1").content.decode()
    assert "It cannot be started yet." in told
    assert "/services/billing/spec" not in told
    assert "Ask somebody who may do that: " in told
    browser.post(SPEC, {"spec": "run: ./bin/app", "was_spec": "", "do": "keep"})
    for address in ("/services/billing/versions/v1", "/services/billing"):
        assert "cannot be started" not in browser.get(address).content.decode()


def test_a_version_that_service_and_package_contradict_says_which_way(
    browser: Client,
) -> None:
    Service.objects.filter(name="billing").update(spec={})
    file = SimpleUploadedFile("a.tar.gz", package())
    browser.post(UPLOAD, {"file": file, "version": "v1"})
    Service.objects.filter(name="billing").update(spec={"supervisor": "script"})
    page = browser.get("/services/billing/versions/v1").content.decode()
    assert "The release spec of billing has no start script." in page


def test_the_lines_to_begin_with_are_specs_that_say_how_to_start(browser: Client) -> None:
    for example in spec_examples():
        assert lacks_start(parse_new_spec(example.lines), "billing") is None
    for address in (NEW, SPEC):
        page = html.unescape(browser.get(address).content.decode())
        assert all(example.lines in page for example in spec_examples())
        assert 'data-lines="#example-1"' in page


@pytest.mark.parametrize("other", ["https://evil.example/x", "//evil.example", "javascript:x()"])
def test_nobody_is_sent_elsewhere_by_what_came_as_the_way_back(browser: Client, other: str) -> None:
    Service.objects.filter(name="billing").update(spec={})
    page = browser.get(SPEC, {"next": other}).content.decode()
    assert '<input type="hidden" name="next" value="/services/billing">' in page
    assert '<a class="btn quiet" href="/services/billing">' in page
    form = {"spec": GOOD, "was_spec": "", "do": "keep", "next": other}
    assert browser.post(SPEC, form).headers["Location"] == "/services/billing"
