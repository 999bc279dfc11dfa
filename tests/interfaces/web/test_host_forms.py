"""Hosts are changed and freeze windows set by page: with rights, and what is wrong at its field."""

import re

import pytest
from django.test import Client

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Host
from slipway.records.fleet.operations.windows import windows_of
from slipway.records.fleet.queries import get_environment
from tests.interfaces.people import person
from tests.interfaces.web.conftest import Visit

CHANGE = "/hosts/web-1/change"
PROD = "/environments/prod"
WINDOW = {"from": "2099-01-01T00:00", "until": "2099-01-02T00:00", "reason": "new year"}


@pytest.fixture
def wanda(living: None, visit: Visit) -> Client:
    return visit(person("wanda", ("admin", "", "prod")))


def host() -> Host:
    return Host.objects.select_related("environment", "key").get(name="web-1")


def test_what_is_typed_anew_is_changed_and_told(wanda: Client) -> None:
    form = {"address": "10.9.9.9", "port": "2222", "user": "app", "labels": "rack=c\r\nssd"}
    answer = wanda.post(CHANGE, form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hosts/web-1")
    changed = host()
    assert (changed.address, changed.port, changed.user) == ("10.9.9.9", 2222, "app")
    assert (changed.labels, changed.root) == ({"rack": "c", "ssd": ""}, "/opt/slipway")
    event = Event.objects.get(verb="host.changed")
    assert (event.by_name, (event.after or {})["port"]) == ("wanda", 2222)


def test_what_others_changed_meanwhile_is_left_alone(wanda: Client) -> None:
    opened = {"user": host().user, "was_user": host().user, "was_port": "22"}
    Host.objects.filter(name="web-1").update(user="bob")
    assert wanda.post(CHANGE, {**opened, "port": "2222"}).status_code == 302
    assert (host().user, host().port) == ("bob", 2222)


def test_the_same_field_changed_by_two_is_said_to_the_second(wanda: Client) -> None:
    was = host().user
    Host.objects.filter(name="web-1").update(user="bob")
    answer = wanda.post(CHANGE, {"user": "eve", "was_user": was})
    text = answer.content.decode()
    assert (answer.status_code, host().user) == (409, "bob")
    assert "Somebody else has changed it meanwhile: it is bob." in text
    assert 'value="eve"' in text
    assert wanda.post(CHANGE, {"user": "eve", "was_user": "bob"}).status_code == 302
    assert host().user == "eve"


def test_the_form_of_a_host_has_the_fields_of_a_new_one(wanda: Client) -> None:
    def fields(address: str) -> set[str]:
        return set(re.findall(r'<(?:input|select|textarea)\s[^>]*id="(\w+)"', page_of(address)))

    def page_of(address: str) -> str:
        return wanda.get(address).content.decode()

    new, change = fields("/hosts/-/new"), fields(CHANGE)
    assert new - change == {"name", "key"}  # which only admins over everything choose
    assert change <= new
    text = page_of(CHANGE)
    assert "Chosen by admins over everything." in text
    assert "Releases are put below it." in text


@pytest.mark.parametrize(
    ("field", "text", "status"),
    [
        ("port", "banana", 422),
        ("port", "70000", 422),
        ("address", "a b", 422),
        ("user", "-x", 422),
        ("root", "/elsewhere", 409),  # instances are there
        ("become", "magic", 422),
        ("labels", "a b=c", 422),
        ("environment", "nowhere", 404),
        ("environment", "dev", 404),  # which wanda may not see
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_changed(
    wanda: Client, field: str, text: str, status: int
) -> None:
    answer = wanda.post(CHANGE, {field: text})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'aria-describedby="{field}-problem"' in page
    assert page.count('class="problem"') == 1
    assert not Event.objects.filter(verb="host.changed").exists()


def test_a_field_that_is_not_offered_is_refused_on_top(wanda: Client) -> None:
    answer = wanda.post(CHANGE, {"key": "none"})
    assert (answer.status_code, "There is no key none." in answer.content.decode()) == (404, True)


def test_who_may_not_change_it_is_told_why(living: None, visit: Visit) -> None:
    browser = visit(person("vera", ("viewer", "", "prod")))
    text = browser.get(CHANGE).content.decode()
    assert "that takes the role of an admin of prod" in text
    assert '<fieldset class="plain stack roomy" disabled>' in text
    assert browser.post(CHANGE, {"user": "eve"}).status_code == 403
    assert browser.post(PROD, WINDOW).status_code == 403
    assert "that takes the role of an admin of prod" in browser.get(PROD).content.decode()


def test_a_freeze_window_is_added_and_taken_away(wanda: Client) -> None:
    assert wanda.post(PROD, WINDOW).status_code == 302
    (kept,) = windows_of(get_environment("prod"))
    assert (kept["from"], kept["reason"]) == ("2099-01-01T00:00:00+00:00", "new year")
    text = wanda.get(PROD).content.decode()
    for day in ("2099-01-01", "2099-01-02"):
        assert f'<time datetime="{day}T00:00:00+00:00">{day} 00:00 UTC</time>' in text
    assert wanda.post(f"{PROD}/windows/{kept['id']}/remove").status_code == 302
    assert windows_of(get_environment("prod")) == []
    again = wanda.post(f"{PROD}/windows/{kept['id']}/remove", follow=True)
    assert "prod has no freeze window" in again.content.decode()


@pytest.mark.parametrize(
    ("bad", "field"),
    [({"from": "soon"}, "from"), ({"until": WINDOW["from"]}, "until"), ({"until": ""}, "until")],
)
def test_what_is_wrong_with_a_window_is_said_at_its_field(
    wanda: Client, bad: dict[str, str], field: str
) -> None:
    answer = wanda.post(PROD, {**WINDOW, **bad})
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-problem"' in answer.content.decode()
    assert windows_of(get_environment("prod")) == []


def test_an_environment_that_one_may_not_see_is_not_there(wanda: Client) -> None:
    assert wanda.get("/environments/dev").status_code == 404
    assert wanda.post("/environments/dev", WINDOW).status_code == 404
