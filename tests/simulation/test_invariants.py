"""The table of invariants says what is checked: no more and no less."""

import importlib
import inspect
import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (HERE / "INVARIANTS.md").read_text().splitlines()
    if line.startswith(("| §", "| I"))
]


def test_the_table_names_every_invariant() -> None:
    sources = [path.read_text() for path in (HERE / "invariants").glob("*.py")]
    checked = {name for text in sources for name in re.findall(r'"((?:§|I)\d+ [^"]+)"', text)}
    assert {row[0] for row in ROWS} == checked


def test_every_rule_is_a_function_of_the_brain() -> None:
    for _, _, rule in ROWS:
        module, name = rule.strip("`").split(".")
        found = importlib.import_module(f"slipway.core.rollout.{module}")
        members = [found, *(member for _, member in inspect.getmembers(found, inspect.isclass))]
        assert any(hasattr(member, name) for member in members), rule
