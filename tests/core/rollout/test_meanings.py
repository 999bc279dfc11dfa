"""The specification names what keeps it: its rules and its invariants are there."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from slipway.core.rollout.decide.order import RULES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "meanings.md").read_text()
CHAPTERS = re.split(r"(?m)^## ", TEXT)[1:]
IN_CHINESE = re.split(r"(?m)^## ", (ROOT / "docs" / "zh" / "meanings.md").read_text())[1:]
HEADERS = (
    "| sentence | rule | invariant |\n|---|---|---|",
    "| 句子 | 规则 | 不变式 |\n|---|---|---|",
)
NONE = "-"
ROOM = "slipway.core.rollout."


def _rows(chapter: str, header: str = HEADERS[0]) -> list[list[str]]:
    _, _, table = chapter.partition(header)
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells]


ROWS = [row for chapter in CHAPTERS for row in _rows(chapter)]
NAMED = {row[1].strip("`") for row in ROWS} - {NONE}


def _invariants() -> set[str]:
    sources = (ROOT / "tests" / "simulation" / "invariants").glob("*.py")
    found = (re.findall(r'"((?:§|I)\d+ [^"]+)"', path.read_text()) for path in sources)
    return {name for names in found for name in names}


@pytest.mark.parametrize("number", range(12))
def test_every_chapter_ends_with_its_table(number: int) -> None:
    (chapter,) = [each for each in CHAPTERS if each.startswith(f"{number} ")]
    assert len(_rows(chapter)) > 1
    assert chapter.rstrip().splitlines()[-1].startswith("| ")


def test_every_row_has_a_sentence_a_rule_and_an_invariant() -> None:
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("number", range(12))
def test_the_chinese_one_has_a_sentence_for_each_with_the_same_rule_and_invariant(
    number: int,
) -> None:
    told, known = (
        _rows(*each)
        for each in zip((IN_CHINESE[number], CHAPTERS[number]), HEADERS[::-1], strict=True)
    )
    assert [row[1:] for row in told] == [row[1:] for row in known] != []
    assert [row[0] for row in told if not re.search("[\u4e00-\u9fff]", row[0])] == []


@pytest.mark.parametrize("rule", sorted(NAMED))
def test_every_rule_is_a_function_of_the_brain(rule: str) -> None:
    module, _, name = rule.rpartition(".")
    found = importlib.import_module(f"slipway.core.rollout.{module}")
    classes = [each for _, each in inspect.getmembers(found, inspect.isclass)]
    own = [found, *(each for each in classes if each.__module__ == found.__name__)]
    members = [vars(each)[name] for each in own if name in vars(each)]
    assert any(inspect.isfunction(each) or isinstance(each, property) for each in members)


def test_every_rule_that_decides_is_named() -> None:
    modules = {rule: rule.__module__.removeprefix(ROOM) for rule in RULES}
    assert {f"{module}.{rule.__name__}" for rule, module in modules.items()} - NAMED == set()


def test_every_invariant_is_named_and_no_other() -> None:
    assert {row[2] for row in ROWS} - {NONE} == _invariants()
