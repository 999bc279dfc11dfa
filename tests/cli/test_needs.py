"""`slipway` alone: what needs whoever types it; help where nobody does, or nobody is logged in."""

from typing import Any

import pytest

from slipway_cli import contexts
from slipway_cli.contexts import Context, Contexts
from slipway_cli.printed.render import width
from tests.cli.conftest import Run
from tests.cli.standin import TOKEN, Reply, Standin, rollout, said
from tests.cli.terminal import at_terminal

HELP = "usage: slipway"
HALTED = "Rollout 5 of billing in prod went wrong: Halted: 1 failed, 0 allowed."


def need(kind: str, number: int | None, message: str, *commands: str, **more: Any) -> Any:
    made = {"kind": kind, "id": number, "message": message, "hint": "", "commands": commands}
    return {**made, "at": None, **more}


WAITING = need(
    "rollout_waiting",
    7,
    "Rollout 7 of billing in prod waits: batch 1 is done.",
    "slipway rollout promote 7",
    "slipway rollout show 7",
    hint="Look at it, then let the next batch begin.",
)


@pytest.fixture
def busy(server: Standin) -> Standin:
    failed = need("rollout_failed", 5, HALTED, "slipway rollout show 5", at="2020-01-01T00:00:00Z")
    server.on("GET /needs", {"items": [WAITING, failed], "total": 2})
    server.lists("GET /rollouts", rollout(9), rollout(7))
    built = {"id": 3, "service": "billing", "ref": "main", "status": "building"}
    server.lists("GET /builds", built, {**built, "id": 2, "status": "failed"})
    return server


def test_at_a_terminal_it_says_what_needs_somebody_and_what_to_type(busy: Standin) -> None:
    code, shown = at_terminal(NO_COLOR="1")
    assert code == 0
    assert said(
        [
            f"2 things need you on {busy.url}:\n",
            "\n  Rollout 7 of billing in prod waits: batch 1 is done.\n",
            "    Look at it, then let the next batch begin.\n",
            "    slipway rollout promote 7\n",
            "    slipway rollout show 7\n",
            f"\n  {HALTED} (",
            " d ago)\n    slipway rollout show 5\n",
            "\nUnder way:\n  Rollout 9: upgrade billing to 1.1 in prod.\n",
            "    slipway rollout watch 9\n",
            "  Build 3 of billing, main.\n    slipway build watch 3\n",
            "\nAll commands: slipway --help\n",
        ],
        shown,
    )
    assert shown.count("Rollout 7") == 1
    assert "Build 2" not in shown
    assert "\x1b" not in shown
    assert busy.requests("GET /rollouts")[0].query["where"] == "state:active"


def test_with_colours_a_command_stands_out(busy: Standin) -> None:
    assert "    \x1b[36mslipway rollout promote 7\x1b[0m\n" in at_terminal()[1]


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
def test_on_a_narrow_terminal_sentences_are_broken_and_commands_are_not(
    busy: Standin, language: str
) -> None:
    _code, shown = at_terminal(columns=30, NO_COLOR="1", SLIPWAY_LANG=language)
    sentences = [line for line in shown.splitlines() if "slipway" not in line and "//" not in line]
    assert max(map(width, sentences)) <= 30
    assert "    slipway rollout promote 7\n" in shown
    assert ("需要你处理" in shown) is (language != "C.UTF-8")


def test_what_is_beyond_the_first_ones_is_counted(server: Standin) -> None:
    server.on("GET /needs", {"items": [WAITING], "total": 31})
    for path in ("GET /rollouts", "GET /builds"):
        server.lists(path)
    shown = at_terminal()[1]
    assert said(["31 things need you", f"And 30 more: {server.url}\n"], shown)
    assert "Under way" not in shown


def test_where_nothing_is_open_it_says_so(server: Standin) -> None:
    server.on("GET /needs", {"items": [], "total": 0})
    for path in ("GET /rollouts", "GET /builds"):
        server.lists(path)
    assert at_terminal()[1].startswith(f"Nothing needs you on {server.url}.\n")


def test_a_context_is_in_the_commands(busy: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    contexts.save(Contexts("", {"our prod": Context(busy.url, TOKEN)}))
    for name in ("SLIPWAY_URL", "SLIPWAY_TOKEN"):
        monkeypatch.delenv(name)
    shown = at_terminal("--context", "our prod", NO_COLOR="1")[1]
    assert "    slipway --context 'our prod' rollout promote 7\n" in shown


def test_what_others_wrote_steers_no_terminal(server: Standin) -> None:
    evil = need("host", None, "web-1\x1b]0;x\x07 is \x1b[2Jlost", "slipway host show 'a\x1b[2Jb'")
    server.on("GET /needs", {"items": [evil], "total": 1})
    for path in ("GET /rollouts", "GET /builds"):
        server.lists(path)
    shown = at_terminal(NO_COLOR="1")[1]
    assert "\x1b" not in shown
    assert "web-1 is lost" in shown


def test_programs_have_it_as_json(busy: Standin, slipway: Run) -> None:
    document = slipway("-o", "json").document
    assert [each["id"] for each in document["items"]] == [7, 5]
    assert document["total"] == 2
    assert [each["id"] for each in document["rollouts"]] == [9]
    assert [each["id"] for each in document["builds"]] == [3]


def test_without_a_terminal_it_is_help_and_nothing_is_asked(busy: Standin, slipway: Run) -> None:
    assert HELP in slipway().out
    assert busy.asked == []


def test_who_is_not_logged_in_gets_help() -> None:
    code, shown = at_terminal()
    assert code == 0
    assert HELP in shown


def test_a_server_that_knows_no_needs_gets_help_shown(server: Standin) -> None:
    assert HELP in at_terminal()[1]


def test_a_server_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SLIPWAY_TOKEN", "slw_abcd1234_secret")
    code, shown = at_terminal()
    assert code == 1
    assert HELP not in shown


def test_a_token_that_is_not_taken_is_said(server: Standin) -> None:
    problem = {"code": "unauthorized", "message": "Nobody said who.", "hint": "`slipway login`"}
    server.on("GET /needs", Reply(problem, 401))
    code, shown = at_terminal()
    assert (code, "Nobody said who." in shown) == (2, True)
