"""docs/architecture.md, host.md and CONTRIBUTING.md name files and what is in them: it is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text()
HOST = (ROOT / "docs" / "host.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
# A path has a slash; what stands behind a colon is in the file.
NAMED = {
    *re.findall(r"`([\w./*-]+/[\w./*-]*(?::[\w.]+)?)`", TEXT + HOST),
    *re.findall(r"`([\w/-]+/[\w-]+\.(?:py|sh|md|txt)(?::[\w.]+)?)`", CONTRIBUTING),
}
WALKS = re.findall(r"(?m)^\*\*A (\w+)\*\*.*?:\n\n((?:\d\. .*\n(?:   .*\n)*)+)", TEXT)


@cache
def names_in(path: Path) -> set[str]:
    if path.suffix == ".sh":
        return set(re.findall(r"(?m)^(\w+)\(\)", path.read_text()))
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, _DEFINED)}
        if isinstance(node, (ast.ClassDef, *_DEFINED)):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("named", sorted(NAMED))
def test_what_it_names_is_there(named: str) -> None:
    path, _, name = named.partition(":")
    places = [place for place in (ROOT / "slipway" / path, ROOT / path) if place.exists()]
    assert places, f"there is no {path}"
    assert not name or name in names_in(places[0])


def test_three_walks_are_five_lines_each_and_name_functions() -> None:
    assert [name for name, _ in WALKS] == ["wish", "result", "push"]
    for _, walk in WALKS:
        lines = re.split(r"(?m)^\d\. ", walk)[1:]
        assert len(lines) == 5
        assert all(re.search(r"`[\w/]+\.(?:py|sh):\w", line) for line in lines)


def test_a_wish_passes_ten_rooms_at_most() -> None:
    [walk] = [walk for name, walk in WALKS if name == "wish"]
    rooms = {Path(path).parts[:2] for path in re.findall(r"`([\w/]+\.(?:py|sh)):", walk)}
    assert len(rooms) <= 10
