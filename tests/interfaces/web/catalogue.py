"""Finds every sentence that people may read in their language, and what it is in Chinese."""

import ast
import gettext
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

import slipway
from slipway.core.refusal import Refused

ROOT = Path(slipway.__file__).parent
WEB = ROOT / "interfaces" / "web"
LOCALE = WEB / "locale" / "zh_Hans" / "LC_MESSAGES"
_GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_PLACES = re.compile(r"\{[a-z_]+\}")
_TAGGED = re.compile(r"\b(n?gettext)\((.*?)\) ", re.DOTALL)

Msgid = tuple[str, str]  # context ("" for none) and text; of a plural its singular


def all_msgids() -> set[Msgid]:
    return {*_of_templates(), *_of_code(), *(("", text) for text in sentence_templates())}


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


def sentence_templates() -> set[str]:
    """Templates and hints of all refusals and sentences that the code can make."""
    names = _refusal_names()
    found: set[str] = set()
    for path in sorted(ROOT.rglob("*.py")):
        if path.is_relative_to(ROOT / "project" / "demo"):
            continue
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        said = [text for call in calls for text in _templates_of(call, names)]
        found |= set(_literals(said))
        if any(not isinstance(text, ast.Constant) for text in said):
            found |= _sentences_kept(tree)
    return {text for text in found if _PLACES.sub("", text).strip()}


def _templates_of(call: ast.Call, refusals: set[str]) -> list[ast.expr]:
    """The template and the hint in a call that makes a refusal or a sentence."""
    match call.func:
        case ast.Attribute(attr="of", value=ast.Name(id="Sentence" | "cls")):
            templates = call.args[1:2]
        case _ if _name(call) in refusals:
            templates = call.args[:1]
        case _:
            return []
    hints = [word.value for word in call.keywords if word.arg == "hint"]
    return [*templates, *hints]


def _sentences_kept(tree: ast.Module) -> set[str]:
    """Sentences that a module keeps in its constants and variables, to be said later."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or isinstance(node.value, ast.Call):
            continue
        texts = {text for text in _literals([node.value] if node.value else []) if " " in text}
        names = node.targets if isinstance(node, ast.Assign) else [node.target]
        is_template = any(
            isinstance(name, ast.Name) and (name.id.isupper() or name.id == "template")
            for name in names
        )
        found |= {
            text for text in texts if text[-1:] in ".!?}" or (is_template and _PLACES.search(text))
        }
    return found


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
