"""Every command that a page, a document or a hint shows can be typed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_docs import COMMANDS, EVERY, options

ROOT = Path(__file__).parent.parent.parent
SERVER = {
    "up",
    "web",
    "worker",
    "migrate",
    "move",
    "forget-secrets",
    "demo",
}  # they come with the server package
# In code: between backticks, on a line of a shell block, or an element of a page.
_SHOWN = re.compile(r"(?:`|^|<code>|<pre[^>]*>|%\})slipway +([a-z][^`<|;#{\n]*)", re.M)


def commands_in(text: str) -> Iterator[list[str]]:
    for shown in _SHOWN.findall(text.replace("\\\n", " ")):
        if (words := shown.split())[0] not in SERVER:
            yield words


def wrong_in(words: list[str]) -> str:
    """Return what of a command line does not exist; "" when all of it does."""
    word, *more = words
    group = EVERY.groups.get(word)
    if group is None and word not in EVERY.alone:
        return f"there is no command {word}"
    name = more[0] if group and more else ""
    if name.startswith("-") or not re.fullmatch(r"[a-z-]+", name):
        name = ""
    known = set().union(
        *(
            options(command)
            for called, command in COMMANDS.items()
            if called in (word, f"{word} {name}") or (group and not name)
        )
    )
    if name and group and name not in group.commands and not group.default:
        return f"there is no command {word} {name}"
    unknown = {flag for flag in re.findall(r"--[a-z-]+", " ".join(more)) if flag not in known}
    return f"{word} {name} has no {unknown}" if unknown else ""


FILES = [
    file
    for pattern in ("README.md", "docs/**/*.md", "slipway/**/*.html", "slipway/**/*.py")
    for file in sorted(ROOT.glob(pattern))
    # The page about the command line shows several at once: test_docs reads it.
    if file.name != "cli.md" and any(commands_in(file.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(ROOT)) for file in FILES])
def test_every_command_that_is_shown_exists(file: Path) -> None:
    shown = commands_in(file.read_text(encoding="utf-8"))
    assert [(words, wrong) for words in shown if (wrong := wrong_in(words))] == []


def test_commands_are_found_and_judged() -> None:
    page = "<code>slipway build-server add gitlab --address x</code>, `slipway service add billing`"
    (option, command) = (wrong_in(words) for words in commands_in(page))
    assert option == "build-server add has no {'--address'}"
    assert command == "there is no command service add"
