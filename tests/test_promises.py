"""README promises what tests keep: docs/promises.md names them, sentence by sentence."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ROWS = [
    line.strip("| \n").split(" | ")
    for line in (ROOT / "docs" / "promises.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| promise ")
]
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")


def prose() -> str:
    """All that README says in sentences, on one line: no commands, pictures, tables, headings."""
    lines = _BLOCK.sub("", README).splitlines()
    said = [line for line in lines if line.strip() and not line.startswith(("#", "|", "!"))]
    return " ".join(" ".join(said).split())


def as_in_readme(promise: str) -> str:
    """A promise as README has it: links lead from there."""
    return promise.replace("](../", "](").replace("](", "](docs/").replace("](docs/CON", "](CON")


@cache
def names_in(path: str) -> set[str]:
    parsed = ast.parse((ROOT / "tests" / path).read_text())
    found = [
        one for one in ast.walk(parsed) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {one.name for one in found if one.name.startswith("test_")}


def test_every_promise_of_the_readme_names_its_tests() -> None:
    left = prose()
    for promise, _ in ROWS:
        assert as_in_readme(promise) in left, f"README does not say: {promise}"
        left = left.replace(as_in_readme(promise), "", 1)
    assert re.sub(r"[\s*]+", " ", left).strip() == "", "docs/promises.md lacks what is left"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_every_test_that_keeps_a_promise_is_there(row: list[str]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[1])
    assert named
    assert row[1].count("`") == 2 * len(named)
    assert [name for path, name in named if name not in names_in(path)] == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    leads = [link for link in _LINK.findall(README) if "://" not in link]
    assert [link for link in leads if not (ROOT / link.partition("#")[0]).exists()] == []
