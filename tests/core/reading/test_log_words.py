"""Lines of ours in the log of a build by command are sentences; words of others stay theirs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.builds import command
from slipway.core.reading.log_words import MARK, sentence_of_log_line

_SOURCES = sorted(Path(command.__file__).parent.rglob("*.py"))
# What the runner says at its end, as a sentence it keeps; what says why nothing was built at all
# is no line of a log.
_ENDINGS = "work.py"
_KEPT_APART = (
    "as user ci, NOT isolated (SLIPWAY_UNISOLATED_BUILDS)",
    "as user nobody in namespaces, with no network",
    "as user nobody in namespaces, with the machine's network",
)
_NO_LINES = {"running {command}", "checking out", "it begins"}  # notes of what it does just now


def filled(text: ast.expr) -> str:
    """What a text is when each of its places is a 7."""
    if isinstance(text, ast.JoinedStr):
        return "".join(filled(part) for part in text.values)
    return str(text.value) if isinstance(text, ast.Constant) else "7"


def said_by_runner() -> Iterator[str]:
    for path in _SOURCES:
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name == "say" and isinstance(call.args[0], ast.JoinedStr):
                yield filled(call.args[0])
            elif name == "_note":
                yield f"… {filled(call.args[0])} …"
            elif name == "print" and filled(call.args[0]).startswith(MARK):
                yield filled(call.args[0]).removeprefix(MARK)


def endings() -> Iterator[str]:
    [source] = [path for path in _SOURCES if path.name == _ENDINGS]
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "template":
            yield filled(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "of":
            text = node.args[1]
            if isinstance(text, ast.Constant) and text.value not in _NO_LINES:
                yield filled(text)


def said() -> list[str]:
    lines = [line for line in said_by_runner() if not line.startswith("The build could not")]
    running = next(line for line in lines if line.startswith("At commit"))
    others = [line for line in lines if line != running]
    ends = [text.replace("{", "").replace("}", "") for text in endings()]
    return [*others, *(running.replace("7, 7.", f"7, {how}.") for how in _KEPT_APART), *ends]


def test_every_line_of_the_runner_is_read() -> None:
    lines = said()
    assert len(lines) > 15
    unread = [line for line in lines if not is_read(f"{MARK}{line}")]
    assert unread == []


def is_read(line: str) -> bool:
    sentence = sentence_of_log_line(line)
    return sentence is not None and f"{MARK}{sentence.english}" == line


@pytest.mark.parametrize(
    "line",
    [
        "Its command ended well.",
        "[slipway] Something that no runner says.",
        "[slipway]  Its command ended well.",
        "[slipway] Checking out " + "x" * 3000 + " of git@git.example.com:shop.git.",
        "",
    ],
)
def test_words_of_others_stay_as_they_are(line: str) -> None:
    assert sentence_of_log_line(line) is None
