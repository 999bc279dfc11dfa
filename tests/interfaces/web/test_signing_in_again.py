"""Whoever has to sign in again goes on where they were, with what they had typed."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from tests.interfaces.people import PASSWORD, Person
from tests.interfaces.web.reading import laid_flat

PLAN = {
    "kind": "upgrade",
    "service": "billing",
    "environment": "prod",
    "hosts": ["web-1", "web-2"],
    "reason": "fixes #7 & more",
    "confirm": "billing",
    "plan_hash": "0" * 64,
}
HERE = "http://testserver"


def led_to(address: str) -> str:
    """Where the login leads to afterwards; "" for nowhere in particular."""
    parts = urlsplit(address)
    assert parts.path == "/login"
    return parse_qs(parts.query).get("next", [""])[0]


@pytest.mark.parametrize("form", ["/rollouts/new", "/rollouts/plan"])
def test_a_plan_comes_back_with_all_that_was_typed(living: None, alice: Person, form: str) -> None:
    browser = Client()
    if form == "/rollouts/plan":
        answer = browser.post(form, PLAN, headers={"HX-Request": "true"})
        assert answer.status_code == 401
        login = answer.headers["HX-Redirect"]
    else:
        login = browser.post(form, PLAN).headers["Location"]
    typed = {"username": "alice", "password": PASSWORD, "next": led_to(login)}
    text = browser.post("/login", typed, follow=True).content.decode()
    assert 'value="fixes #7 &amp; more"' in text
    assert 'value="web-1" checked' in laid_flat(text)
    assert "plan_hash=" not in led_to(login)
    assert "confirm=" not in led_to(login)


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        (f"{HERE}/rollouts/5?all=1", "/rollouts/5?all=1"),
        ("https://elsewhere.example/rollouts/5", ""),
        ("", ""),
    ],
)
def test_a_press_comes_back_to_its_page(company: None, came_from: str, back: str) -> None:
    answer = Client().post("/rollouts/5/promote", headers={"Referer": came_from})
    assert led_to(answer.headers["Location"]) == back
    looked = Client().get(
        "/rollouts/5/head", headers={"HX-Request": "true", "HX-Current-URL": came_from}
    )
    assert led_to(looked.headers["HX-Redirect"]) == back


def test_a_form_of_a_stranger_is_not_read_whole(company: None) -> None:
    login = Client().post("/rollouts/new", PLAN | {"reason": "x" * 100_000}).headers["Location"]
    assert led_to(login) == "/rollouts/new"
    many = urlencode([("reason", "fixes"), *(("hosts", f"web-{n}") for n in range(900))])
    form = "application/x-www-form-urlencoded"
    login = Client().post("/rollouts/new", many, content_type=form).headers["Location"]
    assert "reason=fixes" in led_to(login)
    assert "hosts=" not in led_to(login)
    assert len(login) < 3100


@pytest.mark.parametrize("reason", ["修复" * 60, "修复" * 250, "&" * 500])
def test_of_a_form_that_is_too_long_what_it_is_about_comes_back(company: None, reason: str) -> None:
    form = PLAN | {"reason": reason, "without": "web-1 " * 400, "version": "1.0"}
    login = Client().post("/rollouts/new", form).headers["Location"]
    assert len(login) < 3100
    kept = parse_qs(urlsplit(led_to(login)).query)
    assert kept.keys() == {"kind", "service", "environment", "version", "reason"}
    assert kept["service"] == ["billing"]
    assert reason.startswith(kept["reason"][0])


def test_where_the_login_is_told_to_lead_it_leads(company: None, alice: Person) -> None:
    for count in range(100, 300, 20):  # of hosts: 2 kB is all that the login takes
        hosts = [f"web-{number}" for number in range(count)]
        login = Client().post("/rollouts/new", PLAN | {"hosts": hosts}).headers["Location"]
        typed = {"username": "alice", "password": PASSWORD, "next": led_to(login)}
        assert Client().post("/login", typed).headers["Location"] == led_to(login)


@pytest.mark.parametrize("words", ["q=" + "%26" * 1500, "q=" + "x" * 6000])
def test_of_an_address_that_is_too_long_its_page_comes_back(company: None, words: str) -> None:
    assert led_to(Client().get(f"/audit?{words}").headers["Location"]) == "/audit"
    press = Client().post("/rollouts/5/promote", headers={"Referer": f"{HERE}/audit?{words}"})
    assert led_to(press.headers["Location"]) == "/audit"
