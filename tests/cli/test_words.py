"""Durations, lists, tables and sentences, without a server."""

from collections import Counter

import pytest

from slipway_cli.arguments.values import duration, given, pairs, seconds, size, words
from slipway_cli.errors import Usage
from slipway_cli.following.narration import Board, counted
from slipway_cli.printed.render import Column, as_json, clean, table, width
from tests.cli.standin import cell, line, rollout


@pytest.mark.parametrize(
    ("text", "count"), [("45s", 45), ("30m", 1800), ("2h", 7200), ("90d", 7776000), ("1h30m", 5400)]
)
def test_a_duration_is_seconds(text: str, count: int) -> None:
    assert seconds(text) == count


@pytest.mark.parametrize("text", ["", "2", "h", "2 h", "-2h", "2y", "1.5h", "２h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(Usage):
        seconds(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (75, "1 min 15 s"),
        (7800, "2 h 10 min"),
        (1e6, "11 d"),
    ],
)
def test_seconds_are_said_as_people_say_them(count: float, text: str) -> None:
    assert duration(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (3_400_000, "3.4 MB"), (12e12, "12.0 TB")]
)
def test_bytes_are_said_as_people_say_them(count: float, text: str) -> None:
    assert size(count) == text


def test_a_list_keeps_its_order_and_names_each_once() -> None:
    assert words("web-2, web-1,web-2,,") == ["web-2", "web-1"]


def test_zero_and_no_are_said_empty_is_not() -> None:
    assert given(a=0, b=False, c="", d=None, e=[]) == {"a": 0, "b": False}


@pytest.mark.parametrize("text", ["rack", "=a"])
def test_a_label_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(Usage):
        pairs([text])


def test_a_table_lines_up_wide_signs() -> None:
    columns = (Column("name", "name"), Column("what", "what"))
    lines = table([{"name": "支付", "what": "pay"}, {"name": "a", "what": None}], columns)
    assert lines == ["NAME  WHAT", "支付  pay", "a"]
    assert width("支付") == 4


def test_a_state_is_coloured_only_where_that_is_wanted() -> None:
    columns = (Column("state", "state"),)
    assert table([{"state": "failed"}], columns, colour=True)[1] == "\x1b[31mfailed\x1b[0m"
    assert table([{"state": "failed"}], columns)[1] == "failed"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred",
        "\x1b]8;;http://x\x1b\\red",
        "\x9b1mred",
        "\x1bPq\x1b\\red",
        "\x07r\x00ed",
        "\x1bcred",
    ],
)
def test_text_is_cleaned_of_everything_that_steers_a_terminal(text: str) -> None:
    assert clean(text) == "red"


def test_cleaning_keeps_lines_tabs_and_all_languages() -> None:
    assert clean("a\tb\n回退 é 👍") == "a\tb\n回退 é 👍"


def test_json_keeps_languages_and_escapes_what_steers_a_terminal() -> None:
    assert as_json("回退\x1b\x9b") == '"回退\\u001b\\u009b"'


def test_states_are_counted_in_the_order_of_a_rollout() -> None:
    states = Counter({"pending": 2, "running": 1, "succeeded": 4})
    assert counted(states) == "4 hosts succeeded, 1 running, 2 pending"
    assert counted(Counter({"failed": 1})) == "1 host failed"


def test_nothing_is_told_twice() -> None:
    board = Board()
    delta = {
        "rollout": rollout(),
        "cells": [cell(1, "failed", problem="It died.")],
        "lines": [line(1, "Begun.")],
    }
    first = ["Begun.", "Batch 1 of 1: 1 host failed"]
    assert board.apply(delta) == first
    assert board.apply(delta) == []


def test_output_of_steps_is_not_part_of_the_story() -> None:
    noise = {
        "rollout": rollout(),
        "lines": [line(1, "x", level="output"), line(2, "y", level="debug")],
    }
    assert Board().apply(noise) == []


def test_lines_of_one_revision_are_all_told() -> None:
    lines = [line(4, "One."), line(4, "Two."), line(4, "web-1: three.", host="web-1")]
    assert Board().apply({"lines": lines}) == ["One.", "Two.", "web-1: three."]


def test_what_the_log_says_of_a_batch_is_not_said_again_from_its_cells() -> None:
    board = Board()
    sentence = "Batch 1 of 1: 1 host succeeded"
    assert board.apply({"cells": [cell(1, "succeeded")]}) == [sentence]
    assert board.apply({"lines": [line(2, sentence)]}) == []
