"""At a terminal a rollout that is followed has one line that moves; in a pipe it has none."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slipway_cli.following import standing
from slipway_cli.following.narration import Board
from slipway_cli.printed.render import width
from tests.cli.conftest import Run
from tests.cli.standin import Asked, Reply, Standin, cell, events, line, rollout
from tests.cli.terminal import at_terminal

EVENTS, SHOW = "GET /rollouts/7/events", "GET /rollouts/7"
STATES = ("succeeded", "succeeded", "failed", "running", "unknown", "pending")
_PAINT = re.compile(r"\x1b\[[0-9]*m")


def delta(rev: int, text: str, *states: str, **more: Any) -> Any:
    cells = [cell(at, state, batch=1 + at // 4) for at, state in enumerate(states, 1)]
    of = rollout(started_at="2026-11-23T10:00:00+00:00", **more)
    return ("delta", rev, {"rollout": of, "cells": cells, "lines": [line(rev, text)]})


def later(document: Any, seconds: float) -> Callable[[Asked], Reply]:
    def answer(_asked: Asked) -> Reply:
        time.sleep(seconds)
        return Reply(document)

    return answer


@pytest.fixture
def watched(server: Standin) -> Standin:
    server.on(
        EVENTS,
        events(delta(3, "One.", *STATES)),
        events(delta(4, "Two.", *STATES), ("end", 9, {})),
    )
    server.on(SHOW, later(rollout(), 1.3), rollout(state="succeeded"))
    return server


def screen(written: str) -> list[str]:
    """What stands on the terminal in the end: a line begun anew is written over."""
    lines = []
    for whole in _PAINT.sub("", written).split("\n"):
        shown = ""
        for part in whole.split("\r"):
            before, clears, behind = part.partition("\x1b[K")
            shown = before + behind if clears else part + shown[len(part) :]
        lines.append(shown)
    return lines


def frames(written: str) -> list[str]:
    """What the line said, each time that it was drawn."""
    return [each for each in re.findall(r"\r([^\r\n]+?)\x1b\[K", written) if each]


def test_it_stands_below_what_is_told_and_is_gone_in_the_end(watched: Standin) -> None:
    code, written = at_terminal("rollout", "watch", "7", NO_COLOR="1")
    assert code == 0
    told = screen(written)
    assert told[:3] == ["One.", "Batch 1 of 2: 2 hosts succeeded, 1 failed", told[2]]
    assert "Two." in told
    assert told[-2:] == ["Rollout 7 succeeded.", ""]
    assert [each for each in told if " done" in each] == []
    first = frames(written)[0]
    assert re.fullmatch(
        r"━{10}x{5}─{10} {5}  2 of 6 done  1 failed  2 at work  batch 2 of 2  \d+ .+", first
    )


def test_its_time_moves_on_without_news(watched: Standin) -> None:
    _code, written = at_terminal("rollout", "watch", "7", NO_COLOR="1")
    before, _news, _rest = written.partition("Two.")
    assert len(frames(before)) >= 2


def test_without_colours_nothing_is_painted(watched: Standin) -> None:
    assert not _PAINT.search(at_terminal("rollout", "watch", "7", NO_COLOR="1")[1])


def test_with_colours_each_part_of_the_bar_has_its_own(watched: Standin) -> None:
    written = at_terminal("rollout", "watch", "7")[1]
    for code, signs in (("32", "━"), ("31", "x"), ("36", "─")):
        assert re.search(rf"\x1b\[{code}m{signs}+\x1b\[0m", written)


@pytest.mark.parametrize("columns", [12, 30, 60])
@pytest.mark.parametrize("language", ["en", "zh_CN.UTF-8"])
def test_it_fits_its_terminal(watched: Standin, columns: int, language: str) -> None:
    _code, written = at_terminal("rollout", "watch", "7", columns=columns, SLIPWAY_LANG=language)
    drawn = frames(_PAINT.sub("", written))
    assert drawn
    assert max(map(width, drawn)) < columns
    assert all(("已完成" in each) is language.startswith("zh") for each in drawn)


def test_a_terminal_that_cannot_move_has_lines_alone(watched: Standin) -> None:
    written = at_terminal("rollout", "watch", "7", TERM="dumb")[1]
    assert "\x1b" not in written
    assert "\r" not in written


def test_in_a_pipe_nothing_moves(watched: Standin, slipway: Run) -> None:
    ended = slipway("rollout", "watch", "7")
    assert (ended.code, ended.out) == (0, "")
    assert "\r" not in ended.err
    assert "\x1b" not in ended.err
    assert ended.err.splitlines()[0] == "One."


def test_a_question_is_asked_where_no_line_is(server: Standin) -> None:
    asks = {"code": "no_room", "question": "There is no room.", "answers": ["go-on", "cancel"]}
    server.on(
        EVENTS,
        events(delta(3, "One.", *STATES, state="paused", asks=asks)),
        events(delta(4, "Two.", *STATES), ("end", 9, {})),
    )
    server.on(SHOW, rollout(state="succeeded"))
    server.on("POST /rollouts/7/answer", {})
    _code, written = at_terminal("rollout", "watch", "7", "--answer", "go-on", NO_COLOR="1")
    assert "Answered: go-on." in screen(written)


def test_little_of_much_is_seen_and_nothing_is_too_much() -> None:
    board = Board()
    cells = [cell(at, "succeeded") for at in range(2, 1000)]
    board.apply({"cells": [cell(1, "failed"), *cells, cell(1000, "running")], "lines": []})
    shown = standing.standing(board, 120)
    assert (shown.count("x"), shown.count("─"), shown.count("━")) == (1, 1, 28)
    assert standing.standing(Board(), 79) == "0 of 0 done"


@pytest.mark.parametrize("columns", [14, 30, 120])
@pytest.mark.parametrize("language", ["en", "zh_CN.UTF-8"])
def test_the_bar_of_an_upload_fits_its_terminal(
    server: Standin, tmp_path: Path, columns: int, language: str
) -> None:
    (tmp_path / "billing.tar.gz").write_bytes(bytes(3_000_000))
    server.on("GET /services/billing", {"name": "billing"})
    server.on("POST /services/billing/versions", {"name": "1.0", "status": "success"})
    words = ("version", "upload", "billing", str(tmp_path / "billing.tar.gz"))
    _code, written = at_terminal(*words, columns=columns, SLIPWAY_LANG=language)
    drawn = frames(written)
    assert "100%" in drawn[-1]
    assert max(map(width, drawn)) < columns
    assert columns < 120 or "━" * 30 in drawn[-1]
