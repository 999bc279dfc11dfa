"""The documents at /docs: read, searched, and nothing in them but what is ours."""

import re

import pytest
from django.test import Client

from slipway.interfaces.web.documents import searching, shelf
from slipway.interfaces.web.documents.rendering import render
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat, page

HOSTILE = """# A <script>alert(1)</script>

<img src=x onerror=alert(1)>

[here](javascript:alert(1)) [there](data:text/html,x) ![far](https://example.org/x.png)
[out](../../etc/passwd) [near](release-spec.md#packages)

| left | right |
|---|---:|
| a | 1 |
"""


@pytest.fixture
def reader(admin: Person, visit: Visit) -> Client:
    return visit(admin)


def test_every_document_is_listed_and_read_in_the_frame(reader: Client) -> None:
    listed = page(reader, "/docs")
    for name in shelf.NAMES:
        assert f'href="/docs/{name}"' in listed
        text = page(reader, f"/docs/{name}")
        assert 'class="nav"' in text
        assert text.count("<h1") == 1
        assert "style=" not in text.split("<article")[1]


def test_a_document_names_its_parts_and_leads_to_others(reader: Client) -> None:
    text = laid_flat(page(reader, "/docs/operations/security"))
    assert '<h2 id="the-audit">The audit</h2>' in text
    assert 'href="#the-audit"' in text.split("<article")[0]
    assert 'href="/docs/howto/builds#builds-by-command"' in text
    assert 'href="/docs/operations/security" aria-current="page"' in text


def test_pictures_and_examples_of_documents_are_sent(reader: Client) -> None:
    assert 'src="/docs/pictures/build.png"' in page(reader, "/docs/howto/builds")
    picture = reader.get("/docs/pictures/build.png")
    assert (picture["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    example = reader.get("/docs/howto/ci/Jenkinsfile")
    assert example["Content-Type"] == "text/plain; charset=utf-8"
    assert b"slipway" in example.content


def test_strangers_sign_in_first() -> None:
    for address in ("/docs", "/docs/cli", "/docs/pictures/build.png"):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login")


@pytest.mark.parametrize(
    "name", ["nothing", "decisions/0001-the-sweep-starts-drivers", "cli.md", "../README", "a\x00b"]
)
def test_what_is_no_document_is_refused_with_where_they_are(reader: Client, name: str) -> None:
    text = page(reader, f"/docs/{name}", 404)
    assert "There is no document of that name." in text


def test_nothing_of_a_document_is_run_or_asked_for_elsewhere() -> None:
    made = render(HOSTILE, lambda link: "/docs/release-spec" if "spec" in link else "")
    assert re.findall(r"<(\w+)", made.html.replace("<p>", "")) == [
        *("h1", "span", "a", "div", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"),
    ]
    assert made.dead == ("https://example.org/x.png", "../../etc/passwd")
    assert 'class="number"' in made.html
    assert "style" not in made.html


def test_paragraphs_are_found_by_all_their_words(reader: Client) -> None:
    text = laid_flat(page(reader, "/docs?q=Fernet+rotate"))
    assert 'href="/docs/operations/security#secrets"' in text
    assert "1 paragraph</h2>" in text
    assert "<mark>Fernet</mark>" in text


def test_what_is_found_in_headings_comes_first() -> None:
    hits = searching.search("backup", "en").hits
    assert hits[0].address.startswith("/docs/operations/backup")


def test_no_more_is_shown_than_one_reads_and_that_is_said(reader: Client) -> None:
    text = page(reader, "/docs?q=a")
    assert f"{searching.MOST} of " in text
    assert text.count("<mark>") == searching.MOST


def test_what_is_not_found_is_said_with_what_helps(reader: Client) -> None:
    text = page(reader, "/docs?q=no-such-word-anywhere")
    assert "No paragraph has all of these words." in text
    assert 'value="no-such-word-anywhere"' in text


@pytest.mark.parametrize("asked", ["%00", "(", "%3Cb%3E", "%20", "x" * 5000, "a+" * 500])
def test_whatever_is_asked_for_is_answered(reader: Client, asked: str) -> None:
    text = page(reader, f"/docs?q={asked}")
    assert "<b>alert" not in text
    assert 'name="q"' in text


def test_the_menu_and_the_keys_of_each_page_lead_to_them(reader: Client) -> None:
    text = page(reader, "/me")
    assert 'href="/docs"' in text.split('class="menu"')[1].split("</details>")[0]
    assert 'href="/docs"' in text.split('id="keys"')[1]


def test_the_palette_leads_to_what_the_documents_say(reader: Client) -> None:
    text = laid_flat(page(reader, "/find?q=canary"))
    assert 'href="/docs?q=canary"' in text
    assert 'href="/docs"' in page(reader, "/find?q=docum").split('<main class="page')[1]
    nothing = page(reader, "/find?q=no-such-word-anywhere").split('<main class="page')[1]
    assert "Nothing found." in nothing
    assert "/docs" not in nothing.split("</main>")[0]
