"""What people ask for reaches the API as it should, and its answer comes back as it should."""

from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin, cell, events, line, rollout, said


def started(server: Standin, **more: Any) -> None:
    server.on("POST /rollouts", Reply(rollout(**more), 202))


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (
            "deploy billing 1.0 --env prod --hosts web-1,web-2 --port 8080",
            {
                "kind": "deploy",
                "version": "1.0",
                "hosts": ["web-1", "web-2"],
                "port": 8080,
            },
        ),
        (
            "upgrade billing latest --env prod --batches 1_50% --max-unavailable 2"
            " --failure-budget 10% --no-rollback --skip-unreachable --reason why --plan-hash abc",
            {
                "kind": "upgrade",
                "version": "latest",
                "batches": "1 50%",
                "max_unavailable": "2",
                "failure_budget": "10%",
                "automatic_rollback": False,
                "skip_unreachable": True,
                "reason": "why",
                "plan_hash": "abc",
            },
        ),
        ("rollback billing --env prod", {"kind": "revert"}),
        ("rollback billing --env prod --to 1.0", {"kind": "revert", "version": "1.0"}),
        ("rollback billing --env prod --settings", {"kind": "revert", "settings_back": True}),
        (
            "rollback billing --env prod --to 1.0 --even-if-never-well",
            {"kind": "revert", "version": "1.0", "even_if_never_well": True},
        ),
        (
            "apply billing --env prod --without web-3:8080,web-4 --left-out-budget 20%",
            {
                "kind": "apply",
                "without": ["web-3:8080", "web-4"],
                "left_out_budget": "20%",
            },
        ),
        ("restart --env prod billing", {"kind": "restart"}),
        ("stop billing --env prod", {"kind": "stop"}),
        ("start billing --env prod", {"kind": "start"}),
        ("remove billing --env prod --hosts web-2", {"kind": "delete", "hosts": ["web-2"]}),
    ],
)
def test_an_operation_asks_for_a_rollout(
    server: Standin, slipway: Run, words: str, body: dict[str, object]
) -> None:
    started(server)
    ended = slipway(*(word.replace("1_50", "1 50") for word in words.split()))
    assert ended.code == 0
    (asked,) = server.requests("POST /rollouts")
    assert asked.json == {"service": "billing", "environment": "prod", **body}
    assert "slipway rollout watch 7" in ended.err


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("deploy billing 1.0", "deploy"),
        ("upgrade billing 1.0", "upgrade"),
        ("rollback billing", "revert"),
        ("apply billing", "apply"),
        ("restart billing", "restart"),
        ("stop billing", "stop"),
        ("start billing", "start"),
        ("remove billing", "delete"),
    ],
)
def test_every_operation_can_be_planned(
    server: Standin, slipway: Run, words: str, kind: str
) -> None:
    server.on("POST /plans", PLAN)
    ended = slipway("plan", *words.split(), "--env", "prod", "--hosts", "web-1", "-o", "json")
    assert ended.code == 0
    assert ended.document == PLAN
    (asked,) = server.requests("POST /plans")
    assert (asked.json["kind"], asked.json["hosts"]) == (kind, ["web-1"])


PLAN = {
    "kind": "upgrade",
    "service": "billing",
    "environment": "prod",
    "version": "1.1",
    "hash": "abc123",
    "targets": [
        {
            "host": "web-1",
            "port": 8080,
            "from_version": "1.0",
            "to_version": "1.1",
            "batch": 1,
            "bytes_to_move": 3_400_000,
            "note": "",
        }
    ],
    "batches": [1],
    "max_unavailable": 1,
    "obstacles": [
        {
            "code": "locked",
            "message": "Bob holds a lock.",
            "hint": "Ask Bob.",
            "blocking": True,
            "command": "slipway unlock billing --env prod --reason WHY",
        }
    ],
    "usual": {"seconds": 75, "waits": 1, "earlier": 3},
    "spec_changes": [
        {
            "from_version": "1.0",
            "to_version": "1.1",
            "places": 1,
            "changes": [{"key": "stop_timeout", "before": "30s", "after": "45s"}],
        }
    ],
    "notes": [{"code": "only_place", "message": "web-1 is the only instance.", "values": {}}],
    "expected_seconds": 75,
    "bytes_to_move": 3_400_000,
}


def test_a_plan_shows_what_would_move_and_what_is_in_the_way(server: Standin, slipway: Run) -> None:
    server.on("POST /plans", PLAN)
    ended = slipway("plan", "upgrade", "billing", "1.1", "--env", "prod")
    assert said(["web-1", "8080", "1.0", "1.1", "3.4 MB"], ended.out)
    assert said(
        [
            "1 target in 1 batch, at most 1 unavailable, 3.4 MB to move, about 1 min 15 s.",
            "The time is as earlier rollouts took there (3); waits for a person besides: 1.",
            "web-1 is the only instance.",
            "In the way: Bob holds a lock. Ask Bob. slipway unlock billing --env prod --reason WHY",
            "--plan-hash abc123",
        ],
        ended.err,
    )
    assert said(["stop_timeout", "30s", "45s"], ended.out)
    server.on("POST /plans", PLAN | {"usual": None})
    assert "has ended well there yet." in slipway("plan", "stop", "billing", "--env", "prod").err


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        ("answer 7 without", "answer", {"answer": "without", "reason": ""}),
        ("gone 7 web-1:8080 --reason burnt", "gone", {"place": "web-1:8080", "reason": "burnt"}),
    ],
)
def test_what_only_people_know_is_said_to_a_rollout(
    server: Standin, slipway: Run, words: str, path: str, body: dict[str, str]
) -> None:
    server.on(f"POST /rollouts/7/{path}", {"id": 7, "state": "running"})
    assert slipway("rollout", *words.split()).code == 0
    (asked,) = server.requests(f"POST /rollouts/7/{path}")
    assert asked.json == body


def test_nothing_to_do_is_done(server: Standin, slipway: Run) -> None:
    nothing = {"code": "nothing_to_do", "message": "1.0 runs everywhere.", "rollout": None}
    server.on("POST /rollouts", nothing)
    ended = slipway("upgrade", "billing", "1.0", "--env", "prod", "--wait", "-o", "json")
    assert ended.code == 0
    assert ended.err == "1.0 runs everywhere.\n"
    assert ended.document == nothing


def test_without_wait_the_answer_is_the_rollout_as_it_begins(server: Standin, slipway: Run) -> None:
    started(server, state="pending")
    ended = slipway("restart", "billing", "--env", "prod", "-o", "json")
    assert ended.code == 0
    assert ended.document["state"] == "pending"


@pytest.mark.parametrize(
    ("state", "code"), [("succeeded", 0), ("partial", 1), ("cancelled", 1), ("halted", 1)]
)
def test_wait_ends_as_the_rollout_ends(
    server: Standin, slipway: Run, state: str, code: int
) -> None:
    started(server, state="pending")
    server.lists("GET /rollouts")
    server.on("GET /rollouts/7/events", events(("end", 3, {"state": state})))
    server.on("GET /rollouts/7", rollout(state=state))
    ended = slipway("restart", "billing", "--env", "prod", "--wait", "-o", "json")
    assert ended.code == code
    assert ended.document["state"] == state


def test_wait_tells_the_story_in_our_words(server: Standin, slipway: Run) -> None:
    started(server)
    first = [cell(1, "running"), cell(2, "pending", batch=2), cell(3, "pending", batch=2)]
    server.on(
        "GET /rollouts/7/events",
        events(
            ("delta", 1, {"rollout": rollout(), "cells": first, "lines": [line(1, "Begun.")]}),
            ("delta", 2, {"rollout": rollout(), "cells": [cell(1, "succeeded")], "lines": []}),
            (
                "delta",
                3,
                {
                    "rollout": rollout(),
                    "cells": [
                        cell(2, "succeeded", batch=2),
                        cell(3, "failed", batch=2, step="probe", problem="no answer on 8080"),
                    ],
                    "lines": [
                        line(3, "noise", level="output", host="web-3"),
                        line(3, "it died", level="error", host="web-3"),
                    ],
                },
            ),
            ("end", 4, {"state": "partial"}),
        ),
    )
    server.on("GET /rollouts/7", rollout(state="partial"))
    ended = slipway("upgrade", "billing", "1.1", "--env", "prod", "--wait")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "Rollout 7: upgrade billing to 1.1 in prod.",
        "Begun.",
        "Batch 1 of 2: 1 host running",
        "Batch 1 of 2: 1 host succeeded",
        "web-3: it died",
        "Batch 2 of 2: 1 host succeeded, 1 failed",
        "Rollout 7 partial.",
    ]


@pytest.mark.parametrize("verb", ["pause", "resume", "promote", "cancel"])
def test_a_rollout_is_steered_by_its_number(server: Standin, slipway: Run, verb: str) -> None:
    server.on(f"POST /rollouts/7/{verb}", rollout(state="paused"))
    ended = slipway("rollout", verb, "7", "--reason", "lunch")
    assert ended.code == 0
    assert ended.err == "Rollout 7 is paused.\n"
    assert server.asked[0].json == {"reason": "lunch"}


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["retry", "7"], "retry"),
        (["rollout", "retry", "7"], "retry"),
        (["rollout", "rollback", "7"], "rollback"),
    ],
)
def test_retry_and_rollback_of_a_rollout_are_new_rollouts(
    server: Standin, slipway: Run, words: list[str], path: str
) -> None:
    server.on(f"POST /rollouts/7/{path}", Reply(rollout(9), 202))
    server.on("GET /rollouts/9/events", events(("end", 1, {"state": "succeeded"})))
    server.on("GET /rollouts/9", rollout(9, "succeeded"))
    ended = slipway(*words, "--wait")
    assert ended.code == 0
    assert "Rollout 9 succeeded." in ended.err


def test_removing_asks_nobody_where_nobody_is(server: Standin, slipway: Run) -> None:
    started(server, kind="delete")
    assert slipway("remove", "billing", "--env", "prod").code == 0


def test_a_rollout_is_shown_target_by_target(server: Standin, slipway: Run) -> None:
    target = {
        "host": "web-1",
        "port": 8080,
        "from_version": "1.0",
        "to_version": "1.1",
        "batch": 1,
        "state": "failed",
        "attempts": 2,
        "steps": [
            {"name": "switch", "started_at": "2026-11-23T10:00:00Z"},
            {"name": "probe", "started_at": "2026-11-23T10:00:01Z"},
            {"name": "prune", "started_at": None},
        ],
        "problem": "It answers 500.",
        "hint": "See its log.",
    }
    server.on("GET /rollouts/7", rollout(state="partial", targets=[target]))
    ended = slipway("rollout", "show", "7")
    assert said(["1", "web-1", "8080", "1.0", "1.1", "failed", "2", "probe"], ended.out)
    assert "web-1:8080 failed at probe: It answers 500. See its log." in ended.err
