"""What the documents have to name is there in them: settings, rows, rooms and requests."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps

from slipway.interfaces.api import build_api
from tests.api_page import IN_CHINESE, PAGE, page, page_in_chinese, told_in
from tests.chinese_documents import mark_of

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text()
READ = re.compile(r'environ(?:\.get\(|\[)\s*"(\w+)"|_(?:words|number)\("([A-Z_]+)"')
# Variables that no document explains, and why.
UNSAID = {
    "SLIPWAY_FAILPOINTS": "of the tests alone: where a worker is killed",
    "SLIPWAY_BUILD_USER": "means nothing any more, and a worker that has it says so",
    "HOME": "the system's",
    "TERM": "the terminal's",
}


def variables(folder: str, but: str = "") -> set[str]:
    """All variables of the environment that a folder's code asks for by name."""
    sources = (p for p in (ROOT / folder).rglob("*.py") if not but or but not in p.parts)
    found = (READ.findall(path.read_text()) for path in sources)
    return {name for names in found for groups in names for name in groups if name}


def words_of(paths: Iterable[Path]) -> set[str]:
    return {word for path in paths for word in re.findall(r"\w+", path.read_text())}


def first_column(text: str, heading: str) -> list[str]:
    """The first cells of the table that begins with this line."""
    _, _, table = text.partition(heading)
    lines = table.strip("\n").split("\n\n")[0].splitlines()[1:]
    return [line.split(" | ")[0].strip("| `") for line in lines]


def test_every_setting_of_the_server_is_explained() -> None:
    asked = variables("slipway", but="demo")
    assert len(asked) > 15
    assert asked - UNSAID.keys() - words_of((DOCS / "operations").glob("*.md")) == set()


def test_every_variable_of_the_command_line_is_explained() -> None:
    asked = variables("slipway_cli")
    assert len(asked) > 3
    assert asked - UNSAID.keys() - words_of([DOCS / "cli.md"]) == set()


def test_every_row_is_in_the_glossary_under_its_room_and_no_other() -> None:
    ours = [app for app in apps.get_app_configs() if app.name.startswith("slipway.")]
    rows = {(model.__name__, app.label) for app in ours for model in app.get_models()}
    _, _, table = GLOSSARY.partition("| row | room | is |\n|---|---|---|\n")
    named = [tuple(line.strip("| ").split(" | ")[:2]) for line in table.splitlines()]
    assert set(named) == rows
    assert len(named) == len(rows)


def test_every_part_of_a_worker_is_in_the_glossary_and_no_other() -> None:
    told = first_column(GLOSSARY, "| part | is |\n")
    parsed = (ast.parse(path.read_text()) for path in (ROOT / "slipway/controller").rglob("*.py"))
    classes = [node.name for one in parsed for node in one.body if isinstance(node, ast.ClassDef)]
    public = [name for name in classes if not name.startswith("_")]
    assert sorted(name for cell in told for name in cell.split(", ")) == sorted(public)


def test_every_value_of_core_is_in_the_glossary_under_its_room_and_no_other() -> None:
    core = ROOT / "slipway/core"
    public = [
        (node.name, path.relative_to(core).parts[0])
        for path in core.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    _, _, table = GLOSSARY.partition("| value | room | is |\n|---|---|---|\n")
    rows = [line.strip("| ").split(" | ")[:2] for line in table.split("\n\n")[0].splitlines()]
    told = [(name, room) for names, room in rows for name in names.split(", ")]
    assert sorted(told) == sorted(public)


def test_no_word_of_the_glossary_means_two_things() -> None:
    cells = first_column(GLOSSARY, "| word | means | not |\n")
    words = [word for cell in cells for word in cell.split(", ")]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_every_room_is_in_the_architecture_and_no_other() -> None:
    told = first_column((DOCS / "architecture.md").read_text(), "| room | in one sentence |\n")
    packages = {
        path.parent.relative_to(ROOT)
        for folder in ("slipway", "slipway_cli", "slipway_demo")
        for path in (ROOT / folder).rglob("*.py")
    }
    # A module that has become a folder is no room of its own.
    parts = {"models", "operations", "queries", "migrations"}
    rooms = {str(path) for path in packages if path.name not in parts} - {"slipway"}
    assert sorted(told) == sorted(rooms)


def test_the_page_of_the_api_is_what_the_api_is() -> None:
    """`python -m tests.api_page` writes it anew."""
    assert PAGE.read_text() == page(build_api().get_openapi_schema(path_prefix="/api/v1/"))


def test_the_chinese_page_of_the_api_says_of_each_request_what_it_does() -> None:
    """`python -m tests.api_page` takes requests in and out; what a new one does is said by hand."""
    chinese = IN_CHINESE.read_text()
    wanted = page_in_chinese(PAGE.read_text(), told_in(chinese))
    assert chinese == f"{wanted}\n{mark_of(PAGE)}\n"
    assert [
        does for does in told_in(chinese).values() if not re.search("[\u4e00-\u9fff]", does)
    ] == []
    assert [line for line in chinese.splitlines() if line.startswith("#") and line.isascii()] == [
        "# API"
    ]


def test_a_new_request_stands_there_in_english_until_it_is_said_in_chinese() -> None:
    english = "# The API\n\n## Hosts\n\n| request | does |\n|---|---|\n| `GET /a` | Show it. |\n"
    told = page_in_chinese(english, {"`GET /b`": "显示。"})
    assert told_in(told) == {"`GET /a`": "Show it."}
    assert "## 主机" in told
