"""The log of a build on its page: by offset, whole, and fit for people."""

from typing import Any

import pytest
from django.test import Client

from slipway.records.catalog.models import BuildServer
from tests.interfaces.people import Person
from tests.interfaces.web.building import (
    BuildDrive,
)
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import page


def log(browser: Client, drive: BuildDrive, start: int = 0, line: int = 1) -> dict[str, Any]:
    answer = browser.get(f"/builds/{drive.build_id}/log?start={start}&line={line}")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def lines(told: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["number"], "".join(part for _, part in row["parts"])) for row in told["lines"]]


def test_a_log_goes_on_from_where_it_was_read(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("one\ntw")
    first = log(browser, drive)
    assert lines(first) == [(1, "one"), (2, "tw")]
    assert (first["next"], first["line"], first["over"]) == (4, 2, False)
    drive.say("o\nthree\n")
    second = log(browser, drive, first["next"], first["line"])
    assert lines(second) == [(2, "two"), (3, "three")]
    assert lines(log(browser, drive, second["next"], second["line"])) == []
    drive.say("\x1b[31mfour")
    drive.fail()
    last = log(browser, drive, second["next"], second["line"])
    assert last["lines"] == [{"number": 4, "parts": [["ansi-red", "four"]]}]
    assert last["over"]
    assert lines(log(browser, drive, 4, 0)) == [(2, "two"), (3, "three"), (4, "four")]


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_however_it_is_cut_no_character_is_lost_or_comes_twice(
    gitlab: BuildServer, alice: Person, visit: Visit, step: int
) -> None:
    text = "".join(f"line {number} é漢😀\n" for number in range(40)) + "no end"
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    shown: dict[int, str] = {}
    start, line = 0, 1
    for at in range(0, len(text), 50 * step):
        drive.say(text[at : at + 50 * step])
        told = log(browser, drive, start, line)
        shown.update(dict(lines(told)))
        start, line = told["next"], told["line"]
    assert "\n".join(shown[number] for number in sorted(shown)) == text
    assert list(shown) == list(range(1, 42))


def test_a_log_longer_than_a_page_comes_in_pieces(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    for number in range(3):
        drive.say(f"{number}" * 9_999 + "\n")
        drive.say("x" * 300_000 + "\n")
    drive.fail()
    told = log(browser, drive)
    count, pieces = len(told["lines"]), 1
    while not told["over"]:
        assert pieces < 20
        told = log(browser, drive, told["next"], told["line"])
        count, pieces = count + len(told["lines"]), pieces + 1
    assert pieces > 2
    assert count == 9  # the long lines are broken once each


def test_the_page_brings_the_end_of_a_long_log_or_what_was_asked_for(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("".join(f"line {number}\n" for number in range(1, 3001)))
    text = page(browser, drive.page)
    assert 'id="L3000"' in text
    assert 'id="L1001"' in text
    assert 'id="L1000"' not in text
    assert "Show the whole log" in text
    whole = page(browser, f"{drive.page}?start=0")
    assert 'id="L1"' in whole
    assert "Show the whole log" not in whole
    tail = page(browser, f"{drive.page}?start={drive.build.log_size - 20}")
    assert '<p id="L2999"' in tail
    assert '<p id="L2998"' not in tail


def test_marks_for_programs_are_not_shown(gitlab: BuildServer, alice: Person, visit: Visit) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say(
        "section_start:1560896352:prepare\r\x1b[0KPreparing\n"
        "2026-11-25T10:00:00.123456Z 00O timed\n"
        "\x1b[8mha:////4AbC+de/==\x1b[0m[Pipeline] stage\n"
        "10%\r50%\r100%\n"
        "windows\r\n"
    )
    told = [text for _, text in lines(log(visit(alice), drive))]
    assert told == ["Preparing", "timed", "[Pipeline] stage", "100%", "windows"]


@pytest.mark.parametrize("query", ["start=x", "start=-1", "start=99999999999999999999", "line=x"])
def test_odd_offsets_get_an_answer(
    gitlab: BuildServer, alice: Person, visit: Visit, query: str
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.say("one\n")
    browser = visit(alice)
    assert browser.get(f"/builds/{drive.build_id}/log?{query}").status_code == 200
    assert browser.get(f"{drive.page}?{query}").status_code == 200


def test_lines_of_ours_are_said_in_the_readers_language(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    drive.start()
    drive.say("[slipway] Checking out main of git@git.lan:shop.git.\n[slipway] make\nmake all\n")
    browser = visit(alice)
    whole = [text for _number, text in lines(log(browser, drive))]
    assert whole == [
        "[slipway] Checking out main of git@git.lan:shop.git.",
        "[slipway] make",
        "make all",
    ]
    browser.cookies["django_language"] = "zh-hans"
    ours, *others = [text for _number, text in lines(log(browser, drive))]
    assert ours == "[slipway] 正在检出 git@git.lan:shop.git 的 main。"
    assert others == whole[1:]
