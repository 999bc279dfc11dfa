"""What stands beside a rollout: its timeline, the plan it carries, what it changes."""

from tests.cli.conftest import Run
from tests.cli.standin import Standin, said

SAID = {"code": "rollout.paused", "message": "rollout paused", "values": {}}
TIMELINE = {
    "items": [
        {
            "at": "2026-11-23T10:15:02Z",
            "by": "alice",
            "verb": "rollout.paused",
            "said": SAID,
            "level": "info",
            "why": "lunch",
        },
    ],
    "is_cut": True,
}
PLAN = {
    "hash": "abc123",
    "targets": [
        {
            "batch": 1,
            "host": "web-1",
            "port": 8080,
            "from_version": "1.0",
            "to_version": "1.1",
            "back_version": "0.9",
        }
    ],
    "rules": [{"key": "failure_budget", "value": "2"}],
}
COMMIT = {"id": "0123456789abcdef", "title": "Round half up", "author": "Ann", "at": "", "url": ""}
CHANGES = {
    "moves": [{"from_version": "1.0", "to_version": "1.1", "places": 12}],
    "commits": [{"commits": [COMMIT]}],
}


def test_the_timeline_says_who_did_what(server: Standin, slipway: Run) -> None:
    server.on("GET /rollouts/7/timeline", TIMELINE)
    ended = slipway("rollout", "timeline", "7")
    assert said(["alice", "rollout paused", "lunch"], ended.out)
    assert "There was more before: see the log." in ended.err
    server.on("GET /rollouts/7/timeline", {"items": [], "is_cut": False})
    assert "Nothing was done yet." in slipway("rollout", "timeline", "7").err


def test_the_plan_is_shown_as_it_was_kept(server: Standin, slipway: Run) -> None:
    server.on("GET /rollouts/7/plan", PLAN)
    ended = slipway("rollout", "plan", "7")
    assert said(["web-1", "8080", "1.0", "1.1", "0.9", "failure_budget", "2"], ended.out)
    assert "Its hash: abc123" in ended.err
    assert slipway("rollout", "plan", "7", "-o", "json").document == PLAN


def test_changes_are_shown_with_the_commits_between(server: Standin, slipway: Run) -> None:
    server.on("GET /rollouts/7/changes", CHANGES)
    ended = slipway("rollout", "changes", "7")
    assert said(["1.0", "1.1", "12", "0123456789 ", "Round half up"], ended.out)
    assert slipway("rollout", "changes", "7", "-o", "json").document == CHANGES
    server.on("GET /rollouts/7/changes", {"moves": [], "commits": []})
    assert "No commits between are known." in slipway("rollout", "changes", "7").err
