"""A refusal ends in a command to type: of its own, or the one that shows what there is."""

import ast
import shlex
import string
from collections.abc import Iterator
from typing import Any

import pytest

from slipway_cli.api.advice import command_for
from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin
from tests.cli.test_commands_shown import ROOT, wrong_in

# Where there is no list of them, and their hint says what to do.
WITHOUT = {
    *("There is no such check.", "There is no such step.", "There is no such {kind}."),
    *("There is no document of that name.", "There is no such example.", "There is no such tab."),
}


def missing_things() -> Iterator[tuple[str, dict[str, str]]]:
    """Every sentence of the server that says that something is not there, and what it names."""
    for file in sorted(ROOT.glob("slipway/**/*.py")):
        text = file.read_text(encoding="utf-8")
        if "NotFound(" not in text:
            continue  # each process of the tests reads them all before its first one
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "NotFound" and isinstance(node.args[0], ast.Constant):
                said = str(node.args[0].value)
                hint = next(
                    (
                        str(k.value.value)
                        for k in node.keywords
                        if k.arg == "hint" and isinstance(k.value, ast.Constant)
                    ),
                    "",
                )
                if "`slipway " not in hint and said not in WITHOUT:
                    places = {name for _, name, *_ in string.Formatter().parse(said) if name}
                    yield said, dict.fromkeys(places, "x")


MISSING = dict(missing_things())


def refusal(message: str, hint: str = "", /, **values: Any) -> dict[str, Any]:
    return {"code": "not_found", "message": message, "hint": hint, "values": values}


def test_the_sentences_are_found() -> None:
    assert len(MISSING) >= 12
    assert {"There is no service {service}.", "There is no rollout {number}."} <= MISSING.keys()


@pytest.mark.parametrize("said", sorted(MISSING))
def test_what_is_not_there_leads_to_what_is(said: str) -> None:
    values = MISSING[said]
    command = command_for(refusal(said.format_map(values), **values))
    program, *words = shlex.split(command)
    assert program == "slipway"
    assert wrong_in(words) == ""


def test_it_stands_behind_the_hint_for_people_and_programs(server: Standin, slipway: Run) -> None:
    said = refusal("billing has no version 9.", "Upload one.", service="billing", version="9")
    server.on("GET /services/billing/versions/9", Reply(said, 404))
    hint = "Upload one. Look there: `slipway version list billing`."
    ended = slipway("version", "show", "billing", "9")
    assert (ended.code, ended.err) == (2, f"billing has no version 9.\n{hint}\n")
    assert slipway("version", "show", "billing", "9", "-o", "json").document["hint"] == hint


def test_a_hint_that_has_a_command_stays_as_it_is(server: Standin, slipway: Run) -> None:
    said = refusal("There is no service x.", "`slipway service create x` makes it.", service="x")
    server.on("GET /services/x", Reply(said, 404))
    assert slipway("service", "show", "x").err.endswith("\n`slipway service create x` makes it.\n")


def test_what_the_server_names_is_quoted_and_steers_nothing(server: Standin, slipway: Run) -> None:
    said = refusal("No.", service="a; rm -rf ~", version="\x1b[2J")
    server.on("GET /services/x", Reply(said, 404))
    ended = slipway("service", "show", "x")
    assert "`slipway version list 'a; rm -rf ~'`" in ended.err
    assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    "values", [None, [], {"service": {"sentence": {}}}, {"unheard": "of"}, {"number": [1]}]
)
def test_what_is_not_understood_gets_no_command(values: Any) -> None:
    assert command_for({"code": "not_found", "message": "No.", "values": values}) == ""
    assert command_for({"code": "other", "message": "No.", "values": {"service": "x"}}) == ""


@pytest.mark.parametrize("kind", ["grant", "user", "token"])
def test_people_and_tokens_are_told_by_their_word(kind: str) -> None:
    said = refusal(f"There is no such {kind}.", kind=kind)
    assert command_for(said) == f"slipway {kind} list"


def test_a_part_of_a_rollout_leads_to_the_rollout() -> None:
    said = refusal("Rollout 7 has no such target.", number=7)
    assert command_for(said) == "slipway rollout show 7"


def test_a_lock_leads_to_the_locks(server: Standin, slipway: Run) -> None:
    said = {**refusal("billing is locked.", service="billing"), "code": "locked"}
    server.on("POST /rollouts", Reply(said, 409))
    ended = slipway("restart", "billing", "--env", "prod")
    assert (ended.code, ended.err.splitlines()[1]) == (2, "Look there: `slipway lock list`.")


def test_who_is_nowhere_is_told_how_to_come_in(slipway: Run) -> None:
    assert slipway("logout").err.endswith("`slipway login URL` logs you in.\n")
    shown = slipway("--context", "prod", "service", "list").err
    assert "slipway login URL --name prod" in shown


def test_it_is_told_in_chinese(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /services/x", Reply(refusal("There is no service x.", service="x"), 404))
    assert "请查看：`slipway service list`。" in slipway("service", "show", "x").err
