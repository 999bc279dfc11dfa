"""Every template, read in Chinese: none has English of its own, and none shows any of ours."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import Engine
from django.template.base import Lexer, TokenType
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tests.chinese import english_in, shown_in
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.catalogue import WEB
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.planting import plant_troubles
from tests.interfaces.web.test_hostile_strings import plant
from tests.interfaces.web.test_pages import MANAGED, PAGES

pytestmark = pytest.mark.once

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
WRITTEN = "某人所写"  # whatever people and programs write
A_TEST_SAYS = re.compile(r"it never got healthy|Read the log")
# Commands, names, keys and examples of what is typed are the same in every language.
CODE = re.compile(r"<code\b.*?</code>", re.DOTALL)
NAMES = re.compile(
    r"Slipway|Esc|Ctrl|Enter|GitLab|Jenkins|POSIX shell|https?://\S+|English"
    r"|user: app|health: /up|tcp: |command: \./bin/check|busybox|root|systemd"
    r"|from: artifact, job: package, path: dist|\b(?:billing|shop|odd|main|dev|prod)\b"
)
# A document that is there in English alone says so, to programs that read aloud, too.
DOCUMENTS = re.compile(r'<li lang="en">.*?</li>', re.DOTALL)
SHELF = ("/docs", "/docs?q=令牌", "/docs/howto/first-service")
HOSTS = f"name,address\nbilling,10.7.0.1\n{WRITTEN},10.7.0.2\nweb-1,10.7.0.3\n"
# Nothing breaks here, and nothing is long: what these are given where they are shown.
APART: dict[str, dict[str, object]] = {
    "500.html": {},
    "web/version/more.html": {"more": 3, "address": "/services/billing"},
}
LABEL = re.compile(r"\b[A-Z][a-z]+")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_a_template_has_no_word_that_is_not_translated(path: Path) -> None:
    text = ours_in(bare(path.read_text()))
    assert [*english_in(text), *LABEL.findall(text)] == []


def ours_in(page: str) -> str:
    return NAMES.sub("", shown_in(CODE.sub("", DOCUMENTS.sub("", page))))


def bare(template: str) -> str:
    """Return what a template says without its tags; places become a sign that is no letter."""
    pieces, is_translated = [], False
    for token in Lexer(template).tokenize():
        name = token.contents.split(" ", 1)[0] if token.contents else ""
        if token.token_type is TokenType.BLOCK and name in ("blocktranslate", "endblocktranslate"):
            is_translated = name == "blocktranslate"
        elif token.token_type is TokenType.TEXT and not is_translated:
            pieces.append(token.contents)
        elif token.token_type is not TokenType.COMMENT:
            pieces.append("·")
    return "".join(pieces)


def test_every_template_is_read_in_chinese(
    living: None, admin: Person, dora: Person, visit: Visit
) -> None:
    addresses = [*plant(admin.actor, WRITTEN), *plant_troubles(admin.actor, WRITTEN)]
    assert admin.post("/services/billing/star", {}).status_code == 200
    seen: set[str] = set()
    for answer in (*everywhere(visit(admin), addresses), *turned_away(visit(dora))):
        english = english_in(A_TEST_SAYS.sub("", ours_in(answer.content.decode())))
        assert english == [], answer.request["PATH_INFO"]
        seen |= {each.name for each in answer.templates}
    missing = {str(path.relative_to(WEB / "templates")) for path in TEMPLATES} - seen
    assert missing == APART.keys()


def everywhere(browser: Client, addresses: list[str]) -> Iterator[Any]:
    browser.cookies["django_language"] = "zh-hans"
    for address in (*PAGES, *MANAGED, *SHELF, *addresses, "/nothing/here", "/services/none"):
        yield browser.get(address)
    yield browser.post("/hosts/-/import", {"text": HOSTS, "environment": "prod"})
    yield browser.get("/find", {"q": "b"}, headers={"HX-Request": "true"})
    wish = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": V2}
    yield browser.post("/rollouts/plan", wish)
    yield browser.post("/rollouts/plan", wish | {"version": V1})
    fleet.make_version("billing", "9.9", "run: ./bin/app\nstop_timeout: 45s\n")
    yield browser.post("/rollouts/plan", wish | {"version": "9.9"})
    for board in {each for each in addresses if re.fullmatch(r"/rollouts/\d+", each)}:
        for name in ("timeline", "plan", "changes"):
            yield browser.get(f"{board}/tabs/{name}")
        yield browser.get(f"{board}?wall")
        yield browser.get("/find", {"q": board.rpartition("/")[2]})


def turned_away(browser: Client) -> Iterator[Any]:
    """Who may not, who is not known, and who sends a form of another site."""
    browser.cookies["django_language"] = "zh-hans"
    yield browser.get("/hosts")
    yield browser.post("/services/billing/build", {"ref": "main"})
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["django_language"] = "zh-hans"
    yield stranger.get("/login")
    yield stranger.post("/login", {"username": "nobody", "password": "wrong"})


@pytest.mark.parametrize("name", sorted(APART))
def test_what_is_shown_when_we_break_or_have_nothing_is_chinese(name: str) -> None:
    assert Engine.get_default().get_template(name)
    with translation.override("zh-hans"):
        text = ours_in(render_to_string(name, APART[name]))
    assert english_in(re.sub("<pre.*?</pre>", "", text, flags=re.DOTALL)) == []
    assert re.search("[\u4e00-\u9fff]", text)
