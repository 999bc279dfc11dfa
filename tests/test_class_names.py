"""One class name, one meaning. Which stand for two things, and why: the list only gets shorter."""

import ast
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
_ROW = "the row of the value of that name in core"
_SHAPE = "its shape in the API, whose names clients know"
TWICE = {
    "BuildServer": "the row of what the port of that name reaches",
    "Clear": _SHAPE + ", of a withdrawal; a command of a rollout",
    "Comparison": "the row of the port's value",
    "ImportReport": _SHAPE,
    "KeyGrant": _SHAPE,
    "NothingToDo": _SHAPE,
    "Refused": "the command line, which knows nothing of the server, has its own",
    "Release": _ROW + "; the shape of a lock's end in the API",
    "Right": _SHAPE,
    "Rollout": _ROW,
    "Session": "how the API lets a browser in; what a command of the command line has",
    "Target": _ROW,
    "Token": "the row; how the API lets a program in",
    "WellState": _ROW,
}


def test_only_these_names_stand_for_more_than_one_class() -> None:
    names = Counter(
        node.name
        for folder in ("slipway", "slipway_cli", "slipway_demo")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, count in names.items() if count > 1} == TWICE.keys()
