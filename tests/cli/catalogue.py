"""Finds every text of ours that the command line can print, and what it is in Chinese."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import slipway_cli
from slipway_cli.arguments.mistakes import MISTAKES

ROOT = Path(slipway_cli.__file__).parent
# What else is looked up where it is shown: which argument of a call is the text.
_PLACES = {"_": 0, "Column": 0, "Option": 0, "Argument": 0, "group": 1, "pairs": 1, "Example": 0}
# Commands are the same in every language; a word of the glossary, and the name of a token.
_NOT_SAID = re.compile(r"slipway |  ?COMMAND …|took too long|cli on ")


def chinese() -> Any:
    """The catalogue, as it is shipped."""
    return json.loads((ROOT / "chinese.json").read_text(encoding="utf-8"))


def texts() -> set[str]:
    """Every text that is looked up: sentences, headings, helps."""
    found = set(MISTAKES)
    for path in sorted(ROOT.rglob("*.py")):
        found.update(_in_module(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def unmarked() -> list[str]:
    """Where a sentence stands in the code and is not looked up."""
    known = texts()
    return [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted(ROOT.rglob("*.py"))
        for text in _printed(ast.parse(path.read_text(encoding="utf-8")))
        if text not in known and not _NOT_SAID.match(text)
    ]


def _in_module(tree: ast.Module) -> Iterator[str]:
    kept = _kept(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            yield " ".join((ast.get_docstring(node) or "").split())
        if isinstance(node, ast.Call) and (name := _name(node)) in _PLACES:
            yield from _literals(node.args[_PLACES[name] :][:1], kept)


def _kept(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return what a name may stand for: what is assigned to it, or its default."""
    kept: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            kept.setdefault(node.targets[0].id, []).append(node.value)
        if isinstance(node, ast.FunctionDef):
            defaults = node.args.defaults
            for argument, default in zip(node.args.args[-len(defaults) :], defaults, strict=False):
                kept.setdefault(argument.arg, []).append(default)
    return kept


def _literals(nodes: list[ast.expr], kept: dict[str, list[ast.expr]]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from _literals([node.body, node.orelse], kept)
        elif isinstance(node, ast.Name):
            yield from _literals([n for n in kept.get(node.id, []) if n is not node], kept)


def _printed(tree: ast.Module) -> Iterator[str]:
    """Every text with a space between words that is no docstring."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    raised = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node) == "TypeError"
        for inside in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.split(" ")
            if len(words) > 2 and words[1][:1].isalpha() and id(node) not in documentation | raised:
                yield node.value


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and _name(decorator) == "command"


def _name(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
