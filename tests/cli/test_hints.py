"""Whoever follows a hint gets there: its commands can be typed, its places are filled."""

import ast
import re
import string
from collections.abc import Iterator

from tests.cli.test_commands_shown import ROOT, SERVER, wrong_in
from tests.cli.test_docs import EVERY

FILES = sorted([*ROOT.glob("slipway_cli/**/*.py"), *ROOT.glob("slipway/**/*.py")])
_COMMAND = re.compile(r"slipway ((?:[a-z][a-z-]+)(?: (?:\{\w+\}|[A-Z]+|--[a-z-]+|[a-z-]+))*)")
_WORDS = {*EVERY.alone, *EVERY.groups}


def texts(tree: ast.Module) -> Iterator[str]:
    """Every text that is told: no docstring."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in documentation and isinstance(node, ast.Constant):
            yield str(node.value)


def wrong_commands(text: str) -> Iterator[str]:
    for shown in _COMMAND.findall(text):
        words = shown.split()
        if words[0] in _WORDS - SERVER and (wrong := wrong_in(words)):
            yield f"{shown}: {wrong}"


def unfilled(tree: ast.Module) -> Iterator[str]:
    """Yield each text with a place that its call gives no value for."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        keywords = {each.arg for each in node.keywords}
        hint = next((each.value for each in node.keywords if each.arg == "hint"), None)
        is_ours = isinstance(node.func, ast.Name) and node.func.id == "_"
        told = node.args[:1] if is_ours else [hint] if hint else []
        for text in told:
            if None in keywords or not isinstance(text, ast.Constant):
                continue
            words = str(text.value)
            places = {name for _, name, *_ in string.Formatter().parse(words) if name}
            if not places <= keywords:
                yield f"{words} ({node.lineno})"


def test_every_hint_can_be_followed() -> None:
    trees = [(file.name, ast.parse(file.read_text(encoding="utf-8"))) for file in FILES]
    said = [(name, text) for name, tree in trees for text in texts(tree) if "slipway " in text]
    assert len(said) > 50
    assert [(name, wrong) for name, text in said for wrong in wrong_commands(text)] == []
    assert [(name, text) for name, tree in trees for text in unfilled(tree)] == []


def test_what_cannot_be_followed_is_found() -> None:
    assert list(wrong_commands("Next: slipway host chek {name} --accept-key")) != []
    assert list(wrong_commands("Next: slipway host check {name} --accept")) != []
    assert list(wrong_commands("Next: slipway host check {name} --accept-key")) == []
    assert list(unfilled(ast.parse('_("`slipway rollout show {number}` tells.")'))) != []
    assert list(unfilled(ast.parse('Invalid("It is {a}.", hint="See {b}.", a=1)'))) != []
