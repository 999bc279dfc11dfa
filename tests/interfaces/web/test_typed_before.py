"""What was typed into a form whose session had ended comes back after signing in; secrets do not,
and nothing is done or kept by the way."""

import json
from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from slipway.interfaces.entrance.typed import SECRETS
from slipway.records.catalog.models import BuildServer
from tests.interfaces.people import PASSWORD, Person, person

SECRET = "a-secret-of-twenty-letters"
SERVER = {"kind": "jenkins", "base_url": "https://jenkins.example", "proxy": "http://p.example:1"}
# The form, the page it stands on, what is typed, and what stands there again.
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "host": (
        "/hosts/web-1/change",
        "/hosts/web-1/change",
        {"address": "10.7.7.7", "was_address": "10.0.30.1", "labels": "rack=typed\nssd"},
    ),
    "new host": (
        "/hosts/-/new",
        "/hosts/-/new",
        {"name": "typed-1", "address": "10.7.7.7", "labels": "rack=typed"},
    ),
    "import": ("/hosts/-/import", "/hosts/-/import", {"user": "typed-user", "labels": "rack=a"}),
    "new service": (
        "/services/-/new",
        "/services/-/new",
        {"name": "typed-service", "language": "go", "spec": "run: ./typed"},
    ),
    "service": (
        "/services/billing/change",
        "/services/billing/change",
        {"description": "typed words", "labels": "team=typed"},
    ),
    "spec": ("/services/billing/spec", "/services/billing/spec", {"spec": "run: ./typed"}),
    "version": (
        "/services/billing/versions/-/new",
        "/services/billing/versions/-/new",
        {"version": "typed-v1", "ref": "typed-ref"},
    ),
    "new environment": ("/environments/-/new", "/environments/-/new", {"name": "typed-env"}),
    "rules": (
        "/environments/prod/change",
        "/environments/prod/change",
        {"batches": "7 77%", "was_batches": "1 25%"},
    ),
    "key": ("/keys", "/keys", {"name": "typed-key", "how": "given"}),
    "window": (
        "/environments/prod",
        "/environments/prod",
        {"from": "2099-01-01T00:00", "until": "2099-01-02T00:00", "reason": "typed reason"},
    ),
    "new server": ("/build-servers/-/new", "/build-servers/-/new", {**SERVER, "name": "typed-ci"}),
    "server": (
        "/build-servers/gitlab-main",
        "/build-servers/gitlab-main",
        {**SERVER, "name": "gitlab-main"},
    ),
    "build": (
        "/services/billing/build",
        "/services/billing/build",
        {"ref": "typed-ref", "variables": "TARGET=typed", "description": "typed words"},
    ),
    "how it is built": (
        "/services/billing/building",
        "/services/billing/building",
        {"default_ref": "typed-ref", "build": "command: typed", "keep": "77"},
    ),
    "lock": (
        "/services/billing/lock",
        "/services/billing",
        {"environment": "prod", "reason": "typed reason", "hours": "24"},
    ),
    "rule": (
        "/services/billing/rules",
        "/services/billing",
        {"environment": "prod", "refs": "typed/*"},
    ),
    "token": ("/me/tokens", "/me", {"name": "typed-token", "service": "billing", "days": "30"}),
}


@pytest.fixture
def anna(gitlab: BuildServer) -> Person:
    return person("anna", ("admin", "", ""))


def signed_in_again(browser: Client, form: str, typed: dict[str, str]) -> tuple[str, str]:
    """Send a form without a session, sign in on what is answered; returns where that led, and the
    page."""
    turned_away = browser.post(form, typed)
    assert turned_away.status_code == 401
    text = turned_away.content.decode()
    assert "nothing was done yet" in text
    fields = {name: _hidden(text, name) for name in ("next", "typed")}
    login = {"username": "anna", "password": PASSWORD, **fields}
    page = browser.post("/login", login, follow=True)
    return page.redirect_chain[-1][0], page.content.decode()


def _hidden(text: str, name: str) -> str:
    return unescape(text.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0])


@pytest.mark.parametrize("name", FORMS)
def test_it_comes_back(anna: Person, name: str) -> None:
    form, page, typed = FORMS[name]
    led_to, text = signed_in_again(Client(), form, typed)
    assert led_to == page
    assert "What you typed stands in the form again" in text
    assert "were not kept" not in text
    shown = unescape(text)
    missing = [each for key, each in typed.items() if not _stands(shown, key, each)]
    assert missing == []


def _stands(text: str, name: str, value: str) -> bool:
    if name == "was_address":
        return True
    chosen = (f'value="{value}" checked', f'value="{value}" selected', f"<option selected>{value}")
    return (
        f'value="{value}"' in text
        or f">{value}</textarea>" in text
        or any(each in text for each in chosen)
    )


def test_once(anna: Person) -> None:
    browser = Client()
    form, page, typed = FORMS["host"]
    _, text = signed_in_again(browser, form, typed)
    assert "10.7.7.7" in text
    assert "10.7.7.7" not in browser.get(page).content.decode()


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_a_secret_goes_nowhere_and_that_is_said(anna: Person, secret: str) -> None:
    browser = Client()
    form, _, typed = FORMS["server"]
    turned_away = browser.post(form, {**typed, secret: SECRET}).content.decode()
    assert SECRET not in turned_away
    _, text = signed_in_again(browser, form, {**typed, secret: SECRET})
    assert SECRET not in text
    assert "secrets and what is very long were not kept: type them anew" in text
    assert not any(SECRET in str(each.get_decoded()) for each in Session.objects.all())


def test_what_is_refused_at_its_form_keeps_no_secret_either(anna: Person) -> None:
    browser = Client()
    browser.force_login(anna.user)
    browser.post("/services/billing/lock", {"environment": "prod", "credential": SECRET})
    assert SECRET not in str(browser.session.items())


def test_nothing_is_kept_of_a_stranger(anna: Person) -> None:
    form, _, typed = FORMS["host"]
    browser = Client()
    assert browser.post(form, typed).status_code == 401
    assert not Session.objects.exists()
    assert not browser.cookies.get("sessionid")


def test_a_wrong_password_loses_nothing(anna: Person) -> None:
    browser = Client()
    form, _, typed = FORMS["token"]
    text = browser.post(form, typed).content.decode()
    fields = {name: _hidden(text, name) for name in ("next", "typed")}
    again = browser.post("/login", {"username": "anna", "password": "wrong", **fields})
    assert _hidden(again.content.decode(), "typed") == fields["typed"]


def test_no_link_leads_away_from_what_was_typed(anna: Person) -> None:
    """The language is chosen by a link, and no link takes along what was typed."""
    form, _, typed = FORMS["host"]
    assert "/login?language=" not in Client().post(form, typed).content.decode()


def test_whoever_chooses_a_language_is_led_where_she_wanted(anna: Person) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    wanted = "/rollouts?service=billing&page=2"
    text = browser.get("/login", {"next": wanted}).content.decode()
    link = unescape(text.split('href="/login?language=zh-hans')[1].split('"', maxsplit=1)[0])
    chosen = browser.get(f"/login?language=zh-hans{link}", follow=True)
    assert 'lang="zh-hans"' in chosen.content.decode().lower()
    assert _hidden(chosen.content.decode(), "next") == wanted
    elsewhere = browser.get("/login?language=en&next=https://elsewhere.example/")
    assert "elsewhere" not in elsewhere.headers["Location"]


def test_what_another_site_sends_is_not_handed_on(anna: Person) -> None:
    form, _, typed = FORMS["host"]
    answer = Client(enforce_csrf_checks=True).post(form, typed)
    assert (answer.status_code, answer.headers["Location"][:6]) == (302, "/login")


def test_what_is_too_long_to_be_brought_along_is_left_out_and_that_is_said(anna: Person) -> None:
    form, _, typed = FORMS["build"]
    led_to, text = signed_in_again(Client(), form, {**typed, "variables": "名" * 8000})
    assert led_to == form
    assert "typed-ref" in text
    assert "were not kept" in text


@pytest.mark.parametrize(
    "brought", ["", "x", "[]", "{}", "null", '["/x", 1, 2]', "[" * 20_000, json.dumps([1, {}, 0])]
)
def test_a_sign_in_with_nonsense_is_a_sign_in(anna: Person, brought: Any) -> None:
    login = {"username": "anna", "password": PASSWORD, "next": "/me", "typed": brought}
    assert Client().post("/login", login).status_code == 302
