"""Watching a rollout survives what happens to servers and connections."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import QUICK, Run
from tests.cli.standin import (
    TOKEN,
    Answer,
    Asked,
    Reply,
    Standin,
    cell,
    events,
    line,
    rollout,
    said,
)

EVENTS = "GET /rollouts/7/events"
SHOW = "GET /rollouts/7"


def delta(
    rev: int, *lines: str, state: str = "running", **more: Any
) -> tuple[str, int, dict[str, object]]:
    told = [line(rev, text) for text in lines]
    return ("delta", rev, {"rollout": rollout(state=state, **more), "cells": [], "lines": told})


END = ("end", 9, {"state": "succeeded"})


def test_a_broken_stream_goes_on_where_it_ended(server: Standin, slipway: Run) -> None:
    server.on(EVENTS, events(delta(4, "One.")), Reply(cut=True), events(delta(5, "Two."), END))
    server.on(SHOW, rollout(), rollout(state="succeeded"))
    ended = slipway("rollout", "watch", "7")
    assert ended.code == 0
    assert said(["One.", "Two.", "Rollout 7 succeeded."], ended.err)
    assert ended.err.count("One.") == 1
    first, *later = (asked.headers.get("last-event-id") for asked in server.requests(EVENTS))
    assert first is None
    assert set(later) == {"4"}


def test_a_server_that_restarts_is_asked_again(server: Standin, slipway: Run) -> None:
    server.on(EVENTS, *[Reply(cut=True)] * 6, Reply({}, 503), events(END))
    server.on(SHOW, *[Reply(cut=True)] * 3, Reply({}, 500), rollout(state="succeeded"))
    ended = slipway("rollout", "watch", "7")
    assert ended.code == 0
    assert "The server does not answer; asking again" in ended.err


def test_a_server_that_stays_away_ends_the_watching_not_the_rollout(
    server: Standin, slipway: Run
) -> None:
    server.on(EVENTS, Reply(cut=True))
    ended = slipway("rollout", "watch", "7", "-o", "json", pauses=replace(QUICK, give_up=0.1))
    assert ended.code == 1
    assert "It goes on. Watch again: slipway rollout watch 7" in ended.err
    assert ended.document["code"] == "failed"


@pytest.mark.parametrize(
    "no_stream",
    [
        Reply({"code": "too_many_viewers", "message": "Full.", "hint": ""}, 429),
        Reply({"code": "not_found", "message": "No events.", "hint": ""}, 404),
        Reply(raw=b"<html>", content_type="text/html"),
    ],
)
def test_without_a_stream_it_asks_again_and_again(
    server: Standin, slipway: Run, no_stream: Answer
) -> None:
    lines = [line(3, "One."), line(5, "Two.")]

    def log(asked: Asked) -> Reply:
        after = int(asked.query["after"])
        return Reply({"items": [each for each in lines if each["rev"] > after][:1], "next": 0})

    target = {**cell(1, "running"), "steps": [{"name": "switch"}]}
    server.on(EVENTS, no_stream)
    server.on("GET /rollouts/7/log", log)
    server.on(SHOW, *[rollout(targets=[target])] * 5, rollout(state="succeeded"))
    ended = slipway("rollout", "watch", "7")
    assert ended.code == 0
    assert said(["One.", "Batch 1 of 1: 1 host running", "Two.", "succeeded"], ended.err)
    assert len(server.requests(EVENTS)) == 1


def test_who_may_not_look_any_more_is_refused(server: Standin, slipway: Run) -> None:
    problem = {"code": "unauthorized", "message": "The token has expired.", "hint": ""}
    server.on(EVENTS, events(delta(1, "One.")), Reply(problem, 401))
    server.on(SHOW, rollout(), Reply(problem, 401))
    ended = slipway("rollout", "watch", "7")
    assert ended.code == 2
    assert said(["One.", "The token has expired.", "slipway login"], ended.err)


def test_a_paused_rollout_says_how_it_goes_on(server: Standin, slipway: Run) -> None:
    server.on(EVENTS, events(delta(1, state="paused"), delta(2), END))
    server.on(SHOW, rollout(state="succeeded"))
    assert "slipway rollout resume 7" in slipway("rollout", "watch", "7").err


def test_a_question_is_told_with_its_answers(server: Standin, slipway: Run) -> None:
    asks = {"code": "no_room", "question": "There is no room.", "answers": ["go-on", "cancel"]}
    server.on(EVENTS, events(delta(1, state="paused", asks=asks), delta(2), END))
    server.on(SHOW, rollout(state="succeeded"))
    said = slipway("rollout", "watch", "7").err
    assert "There is no room. Answer with `slipway rollout answer 7 go-on|cancel`." in said


ASKS = {"code": "no_room", "question": "There is no room.", "answers": ["go-on", "cancel"]}


def test_a_question_that_nobody_is_here_to_answer_ends_the_watching(
    server: Standin, slipway: Run
) -> None:
    server.on(EVENTS, events(delta(1, state="paused", asks=ASKS), delta(2), END))
    ended = slipway("rollout", "watch", "7", "-o", "json")
    assert ended.code == 3
    assert ended.document["code"] == "asked"
    assert ended.document["message"] == "Rollout 7 asks: There is no room."
    assert said(["There is no room.", "--answer go-on|cancel"], ended.err)


def test_an_answer_that_was_given_is_sent_once_for_each_question(
    server: Standin, slipway: Run
) -> None:
    again = [delta(1, state="paused", asks=ASKS), delta(2, state="paused", asks=ASKS)]
    server.on(EVENTS, events(*again, delta(3), delta(4, state="paused", asks=ASKS), END))
    server.on("POST /rollouts/7/answer", rollout())
    server.on(SHOW, rollout(state="succeeded"))
    ended = slipway("rollout", "watch", "7", "--answer", "go-on")
    assert ended.code == 0
    answers = [asked.json for asked in server.requests("POST /rollouts/7/answer")]
    assert answers == [{"answer": "go-on"}] * 2


def test_an_answer_that_does_not_get_through_is_sent_again(server: Standin, slipway: Run) -> None:
    server.on(EVENTS, events(delta(1, state="paused", asks=ASKS), END))
    nothing = {"code": "nothing_asked", "message": "It asks nothing.", "hint": ""}
    server.on("POST /rollouts/7/answer", Reply({}, 503), Reply(nothing, 409))
    server.on(SHOW, rollout(state="succeeded"))
    assert slipway("rollout", "watch", "7", "--answer", "go-on").code == 0
    assert len(server.requests("POST /rollouts/7/answer")) == 2


@pytest.mark.parametrize("wrong", [("--answer", "perhaps", "--wait"), ("--answer", "go-on")])
def test_an_answer_that_cannot_be_one_starts_nothing(
    server: Standin, slipway: Run, wrong: tuple[str, ...]
) -> None:
    ended = slipway("rollout", "retry", "7", *wrong)
    assert ended.code == 2
    assert server.requests("POST /rollouts/7/retry") == []


def test_ctrl_c_stops_the_watching_and_says_how_to_watch_again(server: Standin) -> None:
    program = "import sys; from slipway_cli.main import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "SLIPWAY_URL": server.url, "SLIPWAY_TOKEN": TOKEN}
    server.on(EVENTS, events(delta(1, "One.")))
    server.on(SHOW, rollout())
    # Started in the background of a shell, we ignore the signal and hand that on.
    heeding = ["env", "--default-signal=INT", sys.executable]
    with subprocess.Popen(
        [*heeding, "-c", program, "rollout", "watch", "7", "-o", "json"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[3],
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "One.\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "slipway rollout watch 7" in err
    assert "Traceback" not in err


def test_the_log_is_printed_page_after_page(server: Standin, slipway: Run) -> None:
    def log(asked: Asked) -> Reply:
        after = int(asked.query["after"])
        lines = [line(rev, f"line {rev}", host=f"web-{rev % 2}") for rev in (3, 4, 9)]
        items = [each for each in lines if each["rev"] > after][:2]
        return Reply({"items": items, "next": items[-1]["rev"] if items else after})

    server.on("GET /rollouts/7/log", log)
    assert said(["line 3", "line 4", "line 9"], slipway("rollout", "log", "7").out)
    ended = slipway("rollout", "log", "7", "--host", "web-1", "-o", "json")
    assert [each["rev"] for each in ended.document] == [3, 9]
