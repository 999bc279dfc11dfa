"""Help ends with examples, and each of them can be typed."""

import shlex

import pytest

from slipway_cli.arguments.examples import EXAMPLES
from slipway_cli.arguments.grammar import fill, new_parser
from slipway_cli.printed.render import width
from slipway_cli.root import add_output
from tests.chinese import english_in
from tests.cli.conftest import Run
from tests.cli.test_commands_shown import wrong_in
from tests.cli.test_docs import COMMANDS

BEGUN_WITH = (
    *("deploy", "upgrade", "rollback", "plan deploy", "plan upgrade", "host add", "service list"),
    *("version upload", "rollout watch", "audit list", "grant who", "login"),
)
LINES = [(command, each.command) for command, found in EXAMPLES.items() for each in found]


def test_what_people_begin_with_has_one_to_three() -> None:
    assert set(BEGUN_WITH) <= EXAMPLES.keys() <= COMMANDS.keys()
    assert {len(found) for found in EXAMPLES.values()} <= {1, 2, 3}


@pytest.mark.parametrize(("command", "line"), LINES)
def test_an_example_is_of_its_command_and_can_be_parsed(command: str, line: str) -> None:
    program, *words = shlex.split(line)
    own = command.split()
    assert (program, words[: len(own)]) == ("slipway", own)
    assert wrong_in(words) == ""
    parser = new_parser(line, "")
    fill(parser, COMMANDS[command])
    add_output(parser)
    parser.parse_intermixed_args(words[len(own) :])


@pytest.mark.parametrize("line", [line for _command, line in LINES if "--where" in line])
def test_what_an_example_asks_a_list_is_understood(line: str) -> None:
    from slipway.core.finding import listings  # noqa: PLC0415
    from slipway.core.finding.parsing import parse_where  # noqa: PLC0415

    words = shlex.split(line)
    listing = {"service": listings.SERVICES, "host": listings.HOSTS, "rollout": listings.ROLLOUTS}
    assert parse_where(words[words.index("--where") + 1], listing[words[1]]).terms


@pytest.mark.parametrize("command", sorted(EXAMPLES))
def test_help_ends_with_them(command: str, slipway: Run) -> None:
    shown = slipway(*command.split(), "--help").out
    _help, title, examples = shown.partition("\nexamples:\n")
    assert title
    assert [line for line in examples.splitlines() if line.startswith("    slipway ")] == [
        f"    {each.command}" for each in EXAMPLES[command]
    ]


def test_a_command_without_any_has_no_title(slipway: Run) -> None:
    assert "examples:" not in slipway("key", "revoke", "--help").out


def test_they_are_explained_in_chinese(
    slipway: Run, chinese: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = slipway("deploy", "--help").out.partition("\n示例：\n")[2].splitlines()
    told = [line for line in shown if not line.startswith("    slipway ")]
    assert told
    assert english_in("".join(told)) == []
    assert max(map(width, told)) <= 40
