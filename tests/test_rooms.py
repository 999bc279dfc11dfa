"""What can be counted of the rooms, and may only fall."""

import ast
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
MOST_FILES = 12  # in a folder
# Outside of records: who nobody is to Django, who asks the admin pages.
MODELS_NAMED_ELSEWHERE = ["slipway/interfaces/entrance/admission.py: AnonymousUser"]


def test_no_folder_is_crowded() -> None:
    files = Counter(
        str(path.parent.relative_to(ROOT))
        for folder in ("slipway", "slipway_cli", "slipway_demo")
        for pattern in ("*.py", "*.sh")
        for path in (ROOT / folder).rglob(pattern)
        if path.name != "__init__.py" and path.parent.name != "migrations"
    )
    assert not {folder: count for folder, count in files.items() if count > MOST_FILES}


def test_no_model_is_named_outside_of_records_also_for_types_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name.name}"
        for path in (ROOT / "slipway").rglob("*.py")
        if "records" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models")
        for name in node.names
    ]
    assert found == MODELS_NAMED_ELSEWHERE


def test_an_import_says_where_a_thing_lives() -> None:
    """Handed on are models, which Django finds in one place, and the one class of an adapter."""
    handing_on = {
        str(path.relative_to(ROOT))
        for folder in ("slipway", "slipway_cli", "slipway_demo")
        for path in (ROOT / folder).rglob("*.py")
        if "\n__all__ = " in path.read_text()
    }
    assert handing_on <= {
        *(f"slipway/records/{room}/models/__init__.py" for room in ("catalog", "rollouts")),
        *(f"slipway/adapters/builds/{server}/__init__.py" for server in ("gitlab", "jenkins")),
        *(f"slipway/adapters/{room}/__init__.py" for room in ("packages", "ssh")),
    }


def test_a_port_is_a_door_and_its_errors_and_lends_no_value() -> None:
    parsed = (ast.parse(path.read_text()) for path in (ROOT / "slipway/ports").glob("*.py"))
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for one in parsed
        for node in one.body
        if isinstance(node, ast.ClassDef)
    }
    errors = {"Refused"}
    while more := {name for name in bases.keys() - errors if bases[name] <= errors}:
        errors |= more
    doors = bases.keys() - errors
    assert doors == {"Hosts", "Packages", "BuildServer"}
    assert all(bases[door] == {"Protocol"} for door in doors)
