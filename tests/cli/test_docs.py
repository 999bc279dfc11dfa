"""The page about the command line names every command and option there is, and no other."""

import inspect
import re
from pathlib import Path

import pytest

from slipway_cli.arguments.grammar import Command, fill, new_parser
from slipway_cli.main import MODULES
from slipway_cli.root import load

PAGE = (Path(__file__).parent.parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
EVERY = load(list(MODULES))
COMMANDS: dict[str, Command] = {
    **EVERY.alone,
    **{
        f"{word} {name}": command
        for word, group in EVERY.groups.items()
        for name, command in group.commands.items()
    },
}


def options(command: Command) -> set[str]:
    parser = new_parser("x", "")
    fill(parser, command)
    return {
        flag
        for action in parser._actions
        for flag in action.option_strings[:1]
        if flag.startswith("--") and flag != "--help"
    }


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_on_the_page(command: str) -> None:
    word, _, name = command.partition(" ")
    shown = rf"slipway {word}\b" if not name else rf"slipway {word} ([\w|-]+\|)?{name}\b"
    assert re.search(shown, PAGE)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_on_the_page(command: str) -> None:
    assert {flag for flag in options(COMMANDS[command]) if flag not in PAGE} == set()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_says_in_a_sentence_what_it_does(command: str) -> None:
    assert (inspect.getdoc(COMMANDS[command]) or "").endswith(".")


def test_every_command_on_the_page_exists() -> None:
    shown = re.findall(
        r"slipway ([a-z-]+)(?: ([a-z|-]+))?", "\n".join(re.findall(r"```sh(.*?)```", PAGE, re.S))
    )
    for word, names in shown:
        if group := EVERY.groups.get(word):
            named = [name for name in names.split("|") if name]
            assert not group.commands.keys().isdisjoint(named) or not named or group.default
        else:
            assert word in EVERY.alone


def test_the_words_that_find_a_module_are_those_that_it_brings() -> None:
    for module, words in MODULES.items():
        brought = load([module])
        assert {*brought.alone, *brought.groups} == set(words)
