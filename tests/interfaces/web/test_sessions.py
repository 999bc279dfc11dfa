"""Sessions and what leads into and out of them: nobody's session is planted, nobody is led away."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from tests.interfaces.people import PASSWORD, Person, person
from tests.interfaces.web.conftest import Visit

ELSEWHERE = (
    *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example"),
    *("\\\\evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)"),
    *("data:text/html,x", "/\t/evil.example", "\t//evil.example", "https://testserver@evil.io"),
    "/\r\nLocation: https://evil.example",
)
FORM = {"username": "dora", "password": PASSWORD}


def is_ours(address: str) -> bool:
    return address.startswith("/") and not re.match(r"/[/\\\s]", address)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_next_leads_elsewhere(dora: Person, visit: Visit, elsewhere: str) -> None:
    shown = Client().get("/login", {"next": elsewhere}).content.decode()
    kept = unescape(shown.split('name="next" value="')[1].split('"')[0])
    assert kept == "" or is_ours(kept)
    led = [
        Client().post("/login", {**FORM, "next": elsewhere}),
        Client().post("/login", {**FORM, "next": elsewhere, "typed": '["/me", {"a": "b"}, false]'}),
        Client().post(f"/login?next={elsewhere.strip()}", FORM),
        visit(dora).post("/me/looks", {"theme": "dark", "next": elsewhere}),
    ]
    assert [answer.status_code for answer in led] == [302] * 4
    assert [answer.headers["Location"] for answer in led if not is_ours(_led(answer))] == []


def _led(answer: object) -> str:
    return str(answer.headers["Location"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
def test_no_page_that_somebody_came_from_does(company: None, elsewhere: str, header: str) -> None:
    sent = {header: elsewhere.replace("\r\n", "")}
    answer = Client().post("/rollouts/5/promote", headers=sent)
    led = parse_qs(urlsplit(answer.headers["Location"]).query).get("next", ["/"])[0]
    assert is_ours(led)


def test_the_sessions_key_is_another_after_the_login(dora: Person) -> None:
    """Whoever planted a session before knows nothing of the one after."""
    planted = SessionStore()
    planted["planted"] = "by mallory"
    planted.create()
    browser = Client()
    browser.cookies["sessionid"] = planted.session_key or ""
    assert browser.post("/login", FORM).status_code == 302
    mine = browser.cookies["sessionid"].value
    assert mine != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    thief = Client()
    thief.cookies["sessionid"] = planted.session_key or ""
    assert thief.get("/me").status_code == 302
    assert browser.get("/me").status_code == 200


def test_of_two_people_at_one_browser_nothing_is_handed_on(dora: Person) -> None:
    person("vera", ("viewer", "", ""))
    browser = Client()
    browser.post("/login", FORM)
    session = browser.session
    session["kept"] = "of dora"
    session.save()
    first = browser.cookies["sessionid"].value
    browser.post("/login", {**FORM, "username": "vera"})
    assert browser.cookies["sessionid"].value != first
    assert "kept" not in browser.session
    assert not Session.objects.filter(session_key=first).exists()
