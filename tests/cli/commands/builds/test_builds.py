"""Builds from the command line: started, followed, ended, taken late."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cli.conftest import QUICK, Run
from tests.cli.standin import Asked, Reply, Standin, said


def build(status: str = "pending", **more: Any) -> dict[str, Any]:
    is_over = status not in ("pending", "building")
    return {
        "id": 7,
        "service": "billing",
        "version": "20261123T101502-main-1a2b3c4",
        "ref": "main",
        "commit": "1a2b3c4" + "0" * 33,
        "status": status,
        "stage": "over" if is_over else "watched",
        "server": "gitlab",
        "url": "",
        "says": "",
        "reason": "",
        "hint": "",
        "problem": "",
        "problem_hint": "",
        "duplicate_of": "",
        "late_at": None,
        "created_by": "alice",
        "created_at": "2026-11-23T10:00:00+00:00",
        **more,
    }


def prints(server: Standin, *pieces: str, number: int = 7) -> None:
    """Let a build print one more piece each time that its log is asked for."""
    shown = 0

    def log(asked: Asked) -> Reply:
        nonlocal shown
        start = int(asked.query["start"])
        text = "".join(pieces[:shown])[start:]
        shown += 0 if text else 1
        page = {"text": text, "next": start + len(text), "size": 0, "is_over": False}
        return Reply(page)

    server.on(f"GET /builds/{number}/log", log)


def starts(server: Standin, *looks: dict[str, Any]) -> None:
    server.on("POST /services/billing/builds", Reply(looks[0], 202))
    server.on("GET /builds/7", *looks)


def test_a_build_is_asked_for_with_all_that_was_said(server: Standin, slipway: Run) -> None:
    starts(server, build())
    words = "build start billing --ref main --commit 1a2b --var A=1 --var B=x=y --description d"
    ended = slipway(*words.split(), "--force")
    assert ended.code == 0
    (asked,) = server.requests("POST /services/billing/builds")
    assert asked.json == {
        "ref": "main",
        "commit": "1a2b",
        "variables": {"A": "1", "B": "x=y"},
        "description": "d",
        "force": True,
    }
    assert asked.headers["idempotency-key"]
    assert said(["Build 7: billing, main, 1a2b3c4", "slipway build watch 7"], ended.err)


def test_a_variable_is_name_and_value(server: Standin, slipway: Run) -> None:
    ended = slipway("build", "start", "billing", "--var", "A")
    assert (ended.code, server.asked) == (2, [])


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        ("success", 0, "Version 20261123T101502-main-1a2b3c4 of billing is built."),
        ("failed", 1, "Build 7 of billing failed. It broke. Look at its log."),
        ("timeout", 1, "Build 7 of billing took too long. It broke. Look at its log."),
    ],
)
def test_wait_ends_as_the_build_ends(
    server: Standin, slipway: Run, status: str, code: int, sentence: str
) -> None:
    over = build(status, reason="It broke.", hint="Look at its log.")
    starts(server, build(), build("building", says="compiling", url="https://ci/7"), over)
    prints(server, "hello\n", "wor", "ld\n", "the end")
    ended = slipway("build", "start", "billing", "--wait", "-o", "json")
    assert (ended.code, ended.document) == (code, over)
    assert said(["See https://ci/7", "compiling"], ended.err)
    assert said(["hello", sentence], ended.err)


def test_what_is_printed_comes_line_by_line_and_cannot_steer_the_terminal(
    server: Standin, slipway: Run
) -> None:
    looks = [build("building")] * 8
    starts(server, *looks, build("success"))
    prints(server, "one\ntw", "o \x1b[3", "1mred\x1b[0m\r\n", "\x1b]0;title\x07last")
    ended = slipway("build", "log", "7", "--follow")
    assert (ended.code, ended.out) == (0, "one\ntwo red\nlast\n")
    assert ended.err == ""


def test_a_log_is_shown_as_far_as_it_is(server: Standin, slipway: Run) -> None:
    pages = [
        {"text": "a\nb", "next": 3, "size": 5, "is_over": False},
        {"text": "c\n", "next": 5, "size": 5, "is_over": False},
        {"text": "", "next": 5, "size": 5, "is_over": False},
    ]
    server.on("GET /builds/7/log", *pages)
    assert slipway("build", "log", "7").out == "a\nbc\n"
    assert [asked.query.get("start") for asked in server.asked] == ["0", "3", "5"]
    server.on("GET /builds/7/log", *pages)
    assert slipway("build", "log", "7", "-o", "json").document == {"build": 7, "text": "a\nbc"}


def test_a_duplicate_is_done_and_says_which_version_it_is(server: Standin, slipway: Run) -> None:
    twin = build("duplicate", duplicate_of="1.0")
    starts(server, twin)
    prints(server)
    for words in ((), ("--wait",)):
        server.on("GET /services/billing/versions/1.0", {"status": "success", "build": 3})
        ended = slipway("build", "start", "billing", *words, "-o", "json")
        assert (ended.code, ended.document) == (0, twin)
        assert "the commit is that of version 1.0" in ended.err


@pytest.mark.parametrize(("status", "code"), [("success", 0), ("failed", 1)])
def test_a_duplicate_of_what_is_still_being_built_waits_for_that(
    server: Standin, slipway: Run, status: str, code: int
) -> None:
    starts(server, build("duplicate", duplicate_of="1.0"))
    prints(server)
    server.on("GET /services/billing/versions/1.0", {"status": "building", "build": 3})
    server.on("GET /builds/3", build("building", id=3), build(status, id=3, version="1.0"))
    prints(server, "of the other\n", number=3)
    ended = slipway("build", "start", "billing", "--wait")
    assert ended.code == code
    assert "of the other" in ended.err


def test_watching_outlives_a_server_that_restarts(server: Standin, slipway: Run) -> None:
    away = Reply({"code": "database_away", "message": "Away.", "hint": ""}, 500)
    server.on("GET /builds/7", build("building"), away, build("success"))
    prints(server, "hello\n")
    ended = slipway("build", "watch", "7")
    assert ended.code == 0
    assert "asking again" in ended.err


def test_watching_gives_up_at_last_and_says_how_to_go_on(server: Standin, slipway: Run) -> None:
    server.on("GET /builds/7", Reply({"code": "x", "message": "Away.", "hint": ""}, 500))
    ended = slipway("build", "watch", "7", pauses=replace(QUICK, give_up=0.05))
    assert ended.code == 1
    assert said(["can no longer be watched", "slipway build watch 7"], ended.err)


def test_a_late_success_is_offered_and_taken(server: Standin, slipway: Run) -> None:
    late = build("timeout", late_at="2026-11-23T11:00:00Z", reason="It did not end within 1 h.")
    server.on("GET /builds/7", late)
    prints(server)
    ended = slipway("build", "watch", "7")
    assert (ended.code, "slipway build take 7" in ended.err) == (1, True)
    server.on("POST /builds/7/take", Reply(build("building", id=8), 202))
    assert "slipway build watch 8" in slipway("build", "take", "7").err


def test_builds_are_listed_shown_and_cancelled(server: Standin, slipway: Run) -> None:
    server.lists("GET /builds", build(), build("failed", id=6))
    server.lists("GET /services/billing/builds", build())
    assert len(slipway("build", "list", "-o", "json").document) == 2
    assert len(slipway("build", "list", "--service", "billing", "-o", "json").document) == 1
    server.on("GET /builds/7", build("failed", reason="It broke."))
    assert said(["failed", "It broke."], slipway("build", "show", "7").out)
    server.on("POST /builds/7/cancel", build("building"))
    assert slipway("build", "cancel", "7").code == 0
