"""No link in a document or to one leads nowhere, on the disk and in the product."""

import re
from pathlib import Path

import pytest

from slipway.interfaces.web.documents import shelf
from slipway.interfaces.web.documents.rendering import Rendered, render
from tests.chinese_documents import english_of_each

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (".", "docs", "benchmarks")
    for path in (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
)
LINK = re.compile(r'(?:href|src)="([^"]*)"')
TO_DOCUMENTS = re.compile(r"/docs/[^\s\"'#{}]+(?:#[^\s\"'{}]+)?")
# What only the sources have.
NOT_SERVED = {"README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"}


def rendered(path: Path) -> Rendered:
    return render(path.read_text(), lambda link: link)


def broken(path: Path) -> list[str]:
    """The links of a document that name no file, or no heading in one."""
    found = []
    for link in LINK.findall(rendered(path).html):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        is_there = link.startswith(("https://", "http://")) or target.exists()
        if not is_there or (anchor and anchor not in headings(target)):
            found.append(link)
    return found


def headings(path: Path) -> set[str]:
    """Those in Chinese have the names of the English ones: one address for all languages."""
    english = english_of_each().get(path.resolve(), path)
    return {each.id for each in rendered(english).headings}


@pytest.mark.parametrize("source", SOURCES)
def test_every_link_of_a_document_names_a_file_and_a_heading_in_it(source: str) -> None:
    assert broken(ROOT / source) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    here = tmp_path / "here.md"
    here.write_text(
        "# A word\n\n[a](#a-word) [b](#b) [c](here.md#a-word) [d](there.md) ![e](e.png)"
    )
    assert broken(here) == ["#b", "there.md", "e.png"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", shelf.NAMES)
def test_every_link_of_a_served_document_leads_to_what_is_served(name: str, language: str) -> None:
    document = shelf.document(name, language)
    assert {Path(link).name for link in document.rendered.dead} <= NOT_SERVED
    for link in LINK.findall(document.rendered.html):
        address = f"{document.address}{link}" if link.startswith("#") else link
        assert link.startswith("https://") or is_served(address), link


def is_served(address: str) -> bool:
    path, _, anchor = address.partition("#")
    name = path.removeprefix("/docs/")
    if name in shelf.files():
        return not anchor
    return name in shelf.NAMES and (
        not anchor or anchor in {each.id for each in shelf.document(name, "en").rendered.headings}
    )


def test_every_link_of_a_page_to_a_document_leads_to_a_heading_in_it() -> None:
    web = ROOT / "slipway/interfaces"
    sources = [*web.rglob("*.html"), *web.rglob("*.py"), *web.rglob("*.js")]
    # The API has an address of that name, too.
    links = {
        (path.name, link)
        for path in sources
        for link in TO_DOCUMENTS.findall(path.read_text())
        if "<path:" not in link
    }
    assert [each for each in links if not is_served(each[1])] == []


def test_every_document_is_on_the_shelf() -> None:
    there = {
        path.relative_to(shelf.FOLDER).with_suffix("").as_posix()
        for path in shelf.FOLDER.rglob("*.md")
    }
    apart = {name for name in there if name.startswith(("decisions/", f"{shelf.CHINESE}/"))}
    assert there - apart == set(shelf.NAMES)


def test_names_of_headings_are_those_that_other_readers_of_markdown_make() -> None:
    made = render("# `a-b` c, d\n\n## Two\n\n## Two\n\n## 锁定 与 A", lambda link: link)
    assert [each.id for each in made.headings] == ["a-b-c-d", "two", "two-1", "锁定-与-a"]
