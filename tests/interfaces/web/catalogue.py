"""Finds every sentence that people may read in their language, and what it is in Chinese."""

import ast
import gettext
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

import slipway
from slipway.core.words.refusal import Refused

ROOT = Path(slipway.__file__).parent
WEB = ROOT / "interfaces" / "web"
LOCALE = WEB / "locale" / "zh_Hans" / "LC_MESSAGES"
_GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_PLACES = re.compile(r"\{[a-z_]+\}")
_PROSE = re.compile(r"[a-z]{2,},? [a-z]+")
_TAGGED = re.compile(r"\b(n?gettext)\((.*?)\) ", re.DOTALL)

Msgid = tuple[str, str]  # context ("" for none) and text; of a plural its singular


@cache
def all_msgids() -> frozenset[Msgid]:
    return frozenset(
        (*_of_templates(), *_of_code(), *(("", text) for text in sentence_templates()))
    )


def chinese() -> gettext.GNUTranslations:
    """The compiled catalogue, as it is shipped."""
    with (LOCALE / "django.mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def is_translated(catalogue: gettext.GNUTranslations, msgid: Msgid) -> bool:
    context, text = msgid
    known: dict[object, str] = catalogue._catalog  # type: ignore[attr-defined]
    key = f"{context}\x04{text}" if context else text
    return bool(known.get(key) or known.get((key, 0)))


def places(text: str) -> set[str]:
    """The places of a template: `{name}` and `%(name)s`."""
    return set(_PLACES.findall(text)) | set(re.findall(r"%\([a-z]+\)[.0-9]*[sdf]", text))


@cache
def sentence_templates() -> set[str]:
    """Templates and hints of all refusals and sentences that the code can make."""
    found: set[str] = set()
    for path in _sources():
        tree = ast.parse(path.read_text())
        said = [text for _, text in _templates_in(tree)]
        found |= set(_literals(said))
        if any(not isinstance(text, ast.Constant) for text in said):
            found |= _sentences_kept(tree)
    return {text for text in found if _PLACES.sub("", text).strip()}


def templates_in_pieces() -> list[str]:
    """Where a template of a refusal or a sentence is put together of pieces."""
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in _sources()
        for call, text in _templates_in(ast.parse(path.read_text()))
        if any(
            isinstance(piece, ast.JoinedStr | ast.BinOp) or _name(piece) == "str"
            for piece in ast.walk(text)
        )
    ]


def prose_in_values() -> list[str]:
    """Where a value of a refusal or a sentence is English of ours, which nobody could translate:
    a text of two words, or one that stands in for a value that is missing."""
    return [
        f"{path.relative_to(ROOT)}:{word.value.lineno}"
        for path in _sources()
        for call in _sentence_calls(ast.parse(path.read_text()))
        for word in call.keywords
        if word.arg not in (None, "hint") and any(map(_PROSE.search, _texts_in(word.value)))
    ]


def _sentence_calls(tree: ast.Module) -> set[ast.Call]:
    return {call for call, _ in _templates_in(tree)}


def _texts_in(value: ast.AST, *, instead: bool = False) -> Iterator[str]:
    """What a value may be, but for what is a sentence of its own; what stands `instead` of it is
    told by a blank behind."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield f"{value.value} a" if instead else value.value
    elif not isinstance(value, ast.Call | ast.Compare | ast.Subscript):
        instead = instead or isinstance(value, ast.BoolOp)
        for inner in ast.iter_child_nodes(value):
            yield from _texts_in(inner, instead=instead)


def _sources() -> list[Path]:
    demo = ROOT / "project" / "demo"  # it speaks to whoever tries it, in English
    return [path for path in sorted(ROOT.rglob("*.py")) if not path.is_relative_to(demo)]


def _templates_in(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Every call that makes a refusal or a sentence, with its template and with its hint."""
    refusals = _refusal_names()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    helpers = _helpers(tree, refusals)
    for call in calls:
        texts = _templates_of(call, refusals) or _given_to_helper(call, helpers)
        yield from ((call, text) for text in texts)


def _templates_of(call: ast.Call, refusals: set[str]) -> list[ast.expr]:
    match call.func:
        case ast.Attribute(attr="of", value=ast.Name(id="Sentence" | "Finding" | "cls")):
            templates = call.args[1:2]
        case _ if _name(call) in refusals:
            templates = call.args[:1]
        case _:
            return []
    hints = [word.value for word in call.keywords if word.arg == "hint"]
    return [*templates, *hints]


def _helpers(tree: ast.Module, refusals: set[str]) -> dict[str, list[tuple[int, str]]]:
    """Functions that make one of a template they are given: which of their arguments it is."""
    found: dict[str, list[tuple[int, str]]] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        of_method = int(bool(function.args.args) and function.args.args[0].arg in ("self", "cls"))
        names = [each.arg for each in (*function.args.args[of_method:], *function.args.kwonlyargs)]
        inside = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        texts = [text for call in inside for text in _templates_of(call, refusals)]
        passed = {text.id for text in texts if isinstance(text, ast.Name)}
        if given := [(names.index(name), name) for name in names if name in passed]:
            found[function.name] = given
    return found


def _given_to_helper(call: ast.Call, helpers: dict[str, list[tuple[int, str]]]) -> list[ast.expr]:
    given = helpers.get(_name(call), [])
    by_place = [call.args[place] for place, _ in given if place < len(call.args)]
    names = {name for _, name in given}
    return [*by_place, *(word.value for word in call.keywords if word.arg in names)]


def _sentences_kept(tree: ast.Module) -> set[str]:
    """Sentences that a module keeps in constants and variables, or returns, to be said later."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Return):
            continue
        if isinstance(node.value, ast.Call):
            continue
        texts = {text for text in _literals([node.value] if node.value else []) if " " in text}
        names = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        is_template = any(
            isinstance(name, ast.Name) and (name.id.isupper() or name.id == "template")
            for name in names
        )
        found |= {
            text for text in texts if text[-1:] in ".!?}" or (is_template and _PLACES.search(text))
        }
    return found


@cache
def _refusal_names() -> set[str]:
    for module in pkgutil.walk_packages(slipway.__path__, "slipway."):
        if ".migrations" not in module.name and ".project" not in module.name:
            importlib.import_module(module.name)
    found, kinds = set(), [Refused]
    while kinds:
        kind = kinds.pop()
        found.add(kind.__name__)
        kinds += kind.__subclasses__()
    return found


def _of_templates() -> Iterator[Msgid]:
    for path in sorted(WEB.rglob("*.html")):
        code = templatize(path.read_text(), origin=str(path))
        for _function, arguments in _TAGGED.findall(code):
            call = ast.parse(f"f({arguments})", mode="eval").body
            assert isinstance(call, ast.Call)
            yield "", ast.literal_eval(call.args[0])


def _of_code() -> Iterator[Msgid]:
    for path in sorted((ROOT / "interfaces").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            name = _name(node)
            if not isinstance(node, ast.Call) or name not in _GETTEXT | _PLURAL | _CONTEXT:
                continue
            texts = [
                a.value
                for a in node.args
                if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if name in _CONTEXT:
                yield texts[0], texts[1]
            elif texts:
                yield "", texts[0]


def _name(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _literals(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value:
                yield node.value
        elif not isinstance(node, ast.JoinedStr | ast.Call | ast.Subscript | ast.BinOp):
            yield from _literals([n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)])
