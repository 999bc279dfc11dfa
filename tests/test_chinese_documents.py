"""A document in Chinese is not older than the English one, and says the same in the same order."""

import posixpath
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from slipway.interfaces.web.documents import searching, shelf
from slipway.interfaces.web.documents.rendering import render
from tests.chinese_documents import ROOT, english_of_each, mark_of, marks_in
from tests.cli import catalogue as cli_catalogue
from tests.interfaces.web import catalogue as web_catalogue

pytestmark = pytest.mark.once

EACH = english_of_each()
NAMES = [str(path.relative_to(ROOT)) for path in EACH]
GLOSSARY = "docs/zh/glossary.md"
_BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`]+)`")
_COMMENT = re.compile(r"(^|\s+)# .*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)]+)\)")
_INSTALLED = re.compile(r"server package|as a package|registry")


def terms(name: str = "docs/glossary.md") -> list[list[str]]:
    """The rows of the glossary's table of Chinese words: the word, in Chinese, and not."""
    return [line.strip("| ").split(" | ") for line in table_in(name).splitlines()]


def table_in(glossary: str) -> str:
    _, _, table = (ROOT / glossary).read_text().partition("| 中文 | 不说 |\n|---|---|---|\n")
    return table.partition("\n\n")[0]


def commands(text: str) -> list[str]:
    """What is typed or written into files, without what is remarked about it."""
    return [_COMMENT.sub("", block) for block in _BLOCK.findall(text)]


def words_of_machines(text: str) -> set[str]:
    """What stands between backticks in a line: the same in all languages."""
    return {one_line(word) for word in _INLINE.findall(_BLOCK.sub("", text))}


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_older_than_the_english_one(name: str) -> None:
    """`python -m tests.chinese_documents` says that it is as new, once it is."""
    chinese = ROOT / name
    assert marks_in(chinese.read_text()) == [mark_of(EACH[chinese])]


def test_another_english_text_makes_it_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.chinese_documents.ROOT", tmp_path)
    english = tmp_path / "a.md"
    english.write_text("# One\n")
    before = mark_of(english)
    assert marks_in(f"# 一\n\n{before}\n") == [before]
    english.write_text("# Two\n")
    assert mark_of(english) != before


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_same_commands_and_headings_and_is_chinese(name: str) -> None:
    chinese, english = (ROOT / name).read_text(), EACH[ROOT / name].read_text()
    assert commands(chinese) == commands(english)
    made, wanted = (render(text, lambda link: link) for text in (chinese, english))
    assert [each.level for each in made.headings] == [each.level for each in wanted.headings]
    assert mark_of(EACH[ROOT / name]).partition("# ")[2] not in made.html
    prose = [each.text for each in made.passages if each.is_prose]
    assert [text for text in prose if not re.search(r"[\u4e00-\u9fff]", text)] in ([], ["English"])


@pytest.mark.parametrize("name", NAMES)
def test_it_names_the_same_options_files_and_settings(name: str) -> None:
    chinese, english = (path.read_text() for path in (ROOT / name, EACH[ROOT / name]))
    assert words_of_machines(chinese) >= words_of_machines(english) != set()
    assert [word for word in words_of_machines(chinese) if word not in one_line(english)] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_leads_where_the_english_one_leads(name: str) -> None:
    found, wanted = (targets(path) for path in (ROOT / name, EACH[ROOT / name]))
    assert found == wanted


@pytest.mark.parametrize("name", NAMES)
def test_it_leads_to_the_chinese_document_where_there_is_one(name: str) -> None:
    path = ROOT / name
    files = {link.partition("#")[0] for link in _LINK.findall(path.read_text()) if link[0] != "#"}
    to = {path.parent.joinpath(file).resolve() for file in files if "://" not in file}
    assert to & set(EACH.values()) <= {EACH[path]}


def targets(path: Path) -> set[str]:
    """Where the links of a document lead, whatever the language there."""
    return {target(path, link) for link in _LINK.findall(path.read_text())}


def target(path: Path, link: str) -> str:
    file, mark, heading = link.partition("#")
    if "://" in link:
        return link
    there = posixpath.normpath(path.relative_to(ROOT).parent / file if file else path.name)
    english = there.replace("docs/zh/", "docs/").replace("README.zh-CN.md", "README.md")
    return f"{english if file else ''}{mark}{heading}"


def test_the_chinese_readme_promises_what_the_english_one_does_with_the_same_tests() -> None:
    chinese, english = (promises(f"docs/{name}promises.md") for name in ("zh/", ""))
    kept_by = [tests for _promise, tests in english]
    assert [tests for _promise, tests in chinese] == kept_by != []
    said = without_links("".join((ROOT / "README.zh-CN.md").read_text().split()))
    assert [promise for promise, _tests in chinese if promise not in said] == []


def promises(name: str) -> list[tuple[str, list[str]]]:
    """The rows of a table: a promise as one word without links, and the tests that keep it."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if " | `" in line]
    rows = [line.strip("| ").split(" | ") for line in lines]
    return [(without_links("".join(a.split())), _INLINE.findall(b)) for a, b in rows]


def without_links(text: str) -> str:
    return _LINK.sub("]", text)


def said_in_chinese() -> dict[str, str]:
    """Everything that is said in Chinese, by its place: pages, command line, documents."""
    command_line = cli_catalogue.chinese()
    words = {
        f"{kind} {code}": said
        for kind, known in command_line["words"].items()
        for code, said in known.items()
    }
    return {
        **{f"page: {english}": said for english, said in pages_in_chinese().items()},
        **{f"command line: {code}": said for code, said in words.items()},
        **{f"command line: {text}": said for text, said in command_line["sentences"].items()},
        **{name: text.replace(table_in(GLOSSARY), "") for name, text in documents().items()},
    }


def documents() -> dict[str, str]:
    return {name: (ROOT / name).read_text() for name in NAMES}


def pages_in_chinese() -> dict[str, str]:
    known: dict[str | tuple[str, int], str] = web_catalogue.chinese()._catalog  # type: ignore[attr-defined]
    keys = ((key if isinstance(key, str) else key[0], said) for key, said in known.items())
    return {key.rpartition("\4")[2]: said for key, said in keys if key}


def test_the_chinese_glossary_has_the_same_table_of_words() -> None:
    assert terms(GLOSSARY) == terms() != []


@pytest.mark.parametrize(
    ("name", "ours"), [("glossary.md", r"[\w, ]+"), ("architecture.md", r"`[\w/]+`")]
)
def test_names_of_ours_stand_in_the_same_order(name: str, ours: str) -> None:
    """They stay what they are; behind them may stand how they are said."""
    found, wanted = (names_in(f"docs/{folder}{name}", ours) for folder in ("zh/", ""))
    assert len(wanted) > 90
    assert found == wanted


def names_in(document: str, ours: str) -> list[str]:
    """What each row of a table with names of ours is about."""
    lines = (ROOT / document).read_text().splitlines()
    rows = [line for line, below in pairwise([*lines, ""]) if not below.startswith("|--")]
    cells = [line.strip("| ").partition(" | ")[0] for line in rows if line.startswith("| ")]
    named = [re.sub("（.*）", "", cell).replace("、", ", ") for cell in cells]
    return [cell for cell in named if re.fullmatch(ours, cell, re.ASCII)]


def without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "·")
    return text


def test_the_words_of_the_glossary_are_those_of_pages_command_line_and_documents() -> None:
    pages, said = "\n".join(pages_in_chinese().values()), said_in_chinese()
    own = {chinese for _word, chinese, _others in terms()}
    assert len(own) > 40
    for word, chinese, others in terms():
        assert chinese in pages, word
        for other in others.replace("–", "").split("、"):
            longer = [each for each in own if other and other in each]
            found = [
                place for place, text in said.items() if other and other in without(text, longer)
            ]
            assert found == [], other


def test_what_is_kept_in_the_store_is_no_package_of_a_distribution() -> None:
    """Two words in Chinese: what a service is released by, and what a machine is installed with."""
    texts = pages_in_chinese() | cli_catalogue.chinese()["sentences"]
    found = {english for english, said in texts.items() if "软件包" in said}
    assert [each for each in found if not _INSTALLED.search(each)] == []


def test_a_document_in_chinese_is_read_by_who_reads_chinese() -> None:
    name = "howto/first-service"
    english, chinese = (shelf.document(name, language) for language in ("en", "zh-hans"))
    assert (english.is_chinese, chinese.is_chinese) == (False, True)
    assert chinese.rendered.title == "从已有服务到第一次发布"
    assert [each.id for each in chinese.rendered.headings] == [
        each.id for each in english.rendered.headings
    ]
    assert all(shelf.document(name, "zh-hans").is_chinese for name in shelf.NAMES)


def test_one_that_is_not_there_in_chinese_is_read_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    (tmp_path / "only-english.md").write_text("# One\n")
    assert not shelf.document("only-english", "zh-hans").is_chinese


def test_documents_in_chinese_are_searched_by_who_reads_chinese() -> None:
    hits = searching.search("主机密钥 指纹", "zh-hans").hits
    assert {hit.language for hit in hits} == {"zh-Hans"}
    assert searching.search("主机密钥 指纹", "en").hits == []


def test_no_space_is_seen_where_a_line_of_chinese_ends() -> None:
    made = render("# 一\n\n先看，\n再做 a\nb\n", lambda link: link)
    assert "先看，再做 a\nb" in made.html
    assert made.passages[0].text == "先看，再做 a b"
