"""Everything back on a host, by one command: what began, what is left out, and the exit code."""

from typing import Any

import pytest

from tests.cli.commands.rollouts.test_operations import PLAN
from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin, said

ROLLOUT = {"id": 7, "kind": "apply", "service": "billing", "environment": "prod", "version": None}
REFUSED = {"service": "shop", "code": "locked", "message": "Bob holds a lock.", "hint": "Ask Bob."}
SETTINGS = [
    {"key": "limits.memory", "value": "1G", "origin": "service", "at_upload": "512M"},
    {"key": "run", "value": "./app", "origin": "package", "at_upload": None},
    {"key": "stop_timeout", "value": "30s", "origin": "default", "at_upload": None},
    {"key": "user", "value": "root", "origin": "default", "at_upload": None},
]


def restored(server: Standin, **more: Any) -> None:
    whole = {"host": "web-1", "dry_run": False, "rollouts": [], "plans": [], "refused": []}
    server.on("POST /hosts/web-1/restore", Reply({**whole, "others": 0, "ok": True, **more}, 202))


def test_it_says_what_began(server: Standin, slipway: Run) -> None:
    restored(server, rollouts=[ROLLOUT])
    ended = slipway("host", "restore", "web-1", "--reason", "replaced")
    assert ended.code == 0
    assert "Rollout 7: apply billing in prod." in ended.err
    assert server.asked[0].json == {"reason": "replaced"}


def test_what_is_left_out_is_named_and_the_exit_code_tells(server: Standin, slipway: Run) -> None:
    restored(server, rollouts=[ROLLOUT], refused=[REFUSED], others=2, ok=False)
    ended = slipway("host", "restore", "web-1")
    assert ended.code == 1
    told = ["Rollout 7", "shop is left out: Bob holds a lock. Ask Bob.", "you may not see: 2."]
    assert said(told, ended.err)


def test_a_dry_run_shows_each_plan_and_where_its_values_come_from(
    server: Standin, slipway: Run
) -> None:
    settings = {"version": "1.1", "is_kept": False, "settings": SETTINGS}
    plan = {**PLAN, "spec_changes": [], "settings": [settings]}
    restored(server, plans=[plan], dry_run=True)
    ended = slipway("host", "restore", "web-1", "--dry-run")
    assert ended.code == 0
    assert server.asked[0].json == {"dry_run": True}
    assert "billing in prod:" in ended.err
    assert said(["limits.memory", "1G", "service", "512M", "user", "root"], ended.out)
    assert "stop_timeout" not in ended.out


def test_for_programs_it_is_one_document(server: Standin, slipway: Run) -> None:
    restored(server, rollouts=[ROLLOUT])
    ended = slipway("host", "restore", "web-1", "-o", "json")
    assert ended.document["rollouts"][0]["id"] == 7


@pytest.mark.parametrize("words", [("--reply", "go-on"), ("--wait", "--reply", "maybe")])
def test_a_reply_that_cannot_be_meant_begins_nothing(
    server: Standin, slipway: Run, words: tuple[str, ...]
) -> None:
    flags = ["--answer" if word == "--reply" else word for word in words]
    assert slipway("host", "restore", "web-1", *flags).code == 2
    assert server.asked == []
