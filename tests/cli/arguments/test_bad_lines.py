"""Whatever is mistyped after a command is said in a sentence, and no server is asked."""

from argparse import Action
from collections.abc import Iterator

import pytest

from slipway_cli.arguments.grammar import fill, new_parser
from slipway_cli.root import add_output
from tests.cli.conftest import Run
from tests.cli.standin import Standin
from tests.cli.test_docs import COMMANDS

TOO_LARGE = "999999999999"


def actions(command: str) -> list[Action]:
    parser = new_parser(f"slipway {command}", "")
    fill(parser, COMMANDS[command])
    add_output(parser)
    return [each for each in parser._actions if each.dest != "help"]


def whole(command: str, *, without: Action | None = None) -> list[str]:
    """A line that says no more than it has to, or all of that but one."""
    line = command.split()
    for each in actions(command):
        if without is not None and each.dest == without.dest:
            continue
        if each.option_strings and each.required:
            line += [each.option_strings[0], _good(each)]
        elif not each.option_strings and each.nargs is None:
            line += [_good(each)]
    return line


def _good(action: Action) -> str:
    return "1" if _is_number(action) else "x"


def _is_number(action: Action) -> bool:
    return getattr(action.type, "__qualname__", "").startswith("_whole_number")


def takes_one_value(action: Action) -> bool:
    return bool(action.option_strings) and action.nargs is None


def bad_lines(command: str) -> Iterator[tuple[list[str], str]]:
    """Yield lines with one mistake each, and a word that has to be in what is said of it."""
    yield [*whole(command), "--nonsense"], "--nonsense"
    every = actions(command)
    words = [each for each in every if not each.option_strings]
    if not any(each.nargs == "*" for each in words):
        more = ["surplus"] * (1 + sum(each.nargs == "?" for each in words))
        yield [*whole(command), *more], "surplus"
    places = [each for each in words if each.nargs is None]
    for each in every:
        flag = each.option_strings[0] if each.option_strings else ""
        # Of words that are known by their place it is always the last one that is missed.
        if each.required and (flag or each in places[-1:]):
            yield whole(command, without=each), flag or str(each.metavar)
        if takes_one_value(each):
            yield [*whole(command, without=each), flag], flag
        if each.choices and flag:
            yield [*whole(command, without=each), flag, "nonsense"], "nonsense"
        if flag and _is_number(each):
            yield [*whole(command, without=each), flag, "1.5"], "1.5"
            yield [*whole(command, without=each), flag, ""], flag


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_mistake_on_a_line_is_said_and_nothing_is_asked(
    command: str, server: Standin, slipway: Run
) -> None:
    for line, word in bad_lines(command):
        ended = slipway(*line)
        assert (ended.code, ended.out) == (2, ""), line
        said, hint = ended.err.strip().split("\n")
        assert said.startswith(f"slipway {command}: "), line
        assert word in said, line
        assert hint == f"See `slipway {command} --help`.", line
    assert server.asked == []


def test_each_kind_of_mistake_is_made() -> None:
    """And of the commands none is left out: there would be nothing to say of its lines."""
    made = {word for command in COMMANDS for _line, word in bad_lines(command)}
    assert {"--nonsense", "surplus", "nonsense", "1.5", "--limit", "--env"} <= made
    assert any(word.isupper() for word in made)  # of what has its place
    assert all(list(bad_lines(command)) for command in COMMANDS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("retention runs --limit 0", "0 is less than 1"),
        ("service create billing --keep-versions -1", "-1 is less than 0"),
        (f"host add web-1 --port {TOO_LARGE}", f"{TOO_LARGE} is more than 65535"),
    ],
)
def test_a_number_out_of_bounds_is_said_with_its_bound(
    server: Standin, slipway: Run, line: str, said: str
) -> None:
    ended = slipway(*line.split())
    assert ended.code == 2
    assert said in ended.err
    assert server.asked == []
