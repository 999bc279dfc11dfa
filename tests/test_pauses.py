"""Pauses are arguments: a test that puts another into a module changes it for all who use it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

HERE = Path(__file__).parent


def pauses(source: str) -> Iterator[str]:
    """Constants that a test replaces by a number with a point: seconds, counts have none."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr != "setattr" or len(node.args) < 2:
            continue
        *_, name, value = node.args
        said = name.value if isinstance(name, ast.Constant) else ""
        last = str(said).rpartition(".")[2]
        if last.isupper() and any(map(_is_seconds, getattr(value, "elts", [value]))):
            yield last


def _is_seconds(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, float)


def test_what_counts_is_a_number_of_seconds() -> None:
    source = """
patch.setattr(bell, "HUSHED", 0.4)
patch.setattr("slipway.bodies.PATIENCE", 0.05)
patch.setattr(client, "PAUSES", (0.1, 0.2))
patch.setattr(operations, "MOST_KEPT", 3)
patch.setattr(bell, "ring", 0.5)
"""
    assert list(pauses(source)) == ["HUSHED", "PATIENCE", "PAUSES"]


def test_no_pause_is_put_into_a_module() -> None:
    found = [
        f"{path.relative_to(HERE)}: {name}"
        for path in sorted(HERE.rglob("*.py"))
        for name in pauses(path.read_text())
    ]
    assert found == []
