"""From version to version: promoting, comparing, release rules, retention."""

from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin, rollout, said


def test_promoting_takes_the_version_that_runs_there(server: Standin, slipway: Run) -> None:
    server.on("GET /services/billing/running/test", {"version": "1.1"})
    server.on("POST /rollouts", Reply(rollout(), 202))
    ended = slipway("promote", "billing", "--from", "test", "--to", "prod")
    assert ended.code == 0, ended.err
    wish = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": "1.1"}
    assert server.asked[-1].json == wish
    assert "billing runs 1.1 in test." in ended.err
    slipway(
        *[
            "promote",
            "billing",
            "--from",
            "test",
            "--to",
            "prod",
            "--hosts",
            "web-1",
            "--port",
            "80",
        ]
    )
    assert server.asked[-1].json == {**wish, "kind": "deploy", "hosts": ["web-1"], "port": 80}


def test_promoting_mixed_versions_is_refused(server: Standin, slipway: Run) -> None:
    problem = {"code": "mixed_versions", "message": "1.0 (1), 1.1 (2).", "hint": "Name one."}
    server.on("GET /services/billing/running/test", Reply(problem, 409))
    ended = slipway("promote", "billing", "--from", "test", "--to", "prod", "-o", "json")
    assert (ended.code, ended.document["code"]) == (2, "mixed_versions")
    assert server.requests("POST /rollouts") == []


def test_commits_between_versions_are_waited_for(server: Standin, slipway: Run) -> None:
    asked = {"state": "asked", "commits": [], "total": 0, "url": "", "problem": ""}
    commit = {"id": "a" * 40, "title": "Mend it", "author": "Al", "at": "", "url": ""}
    ready = {**asked, "state": "ready", "commits": [commit], "total": 3, "url": "https://x"}
    server.on("GET /services/billing/compare", asked, ready)
    ended = slipway("version", "compare", "billing", "1.0", "1.1")
    assert ended.code == 0
    assert said(["aaaaaaaaaaaa", "Al", "Mend it"], ended.out)
    assert "3 commits in all. See https://x" in ended.err
    assert server.asked[0].query == {"base": "1.0", "head": "1.1"}
    server.on("GET /services/billing/compare", {**asked, "state": "unknown", "problem": "Gone."})
    unknown = slipway("version", "compare", "billing", "1.0", "1.1")
    assert (unknown.code, "Gone." in unknown.err) == (1, True)


def test_a_version_shows_how_it_was_made_and_where_it_ran(server: Standin, slipway: Run) -> None:
    version = {"name": "1.0", "status": "failed", "build": 7, "reason": "It broke."}
    stay = {"environment": "prod", "host": "web-1", "port": 80, "until": None, "rollout": 3}
    server.on("GET /services/billing/versions/latest", version)
    passage = {
        "environment": "prod",
        "rollout": 3,
        "state": "failed",
        "end": "halted and taken back",
    }
    passage |= {"targets": {"failed": 1, "taken_back": 2}, "by": "alice", "outcome": "It leaked."}
    reason = {"code": "locked", "message": "It is locked.", "hint": "Ask bob."}
    closed = {"environment": "prod", "open": False, "refused": [reason], "rollout": None}
    places = [
        closed,
        {**closed, "environment": "test", "refused": [], "warned": [reason]},
        {**closed, "environment": "load", "rollout": 9},
        {**closed, "environment": "dev", "open": True, "refused": [], "warned": [reason]},
    ]
    server.lists("GET /services/billing/versions/1.0/destinations", *places)
    server.lists("GET /services/billing/versions/1.0/passages", passage)
    server.lists("GET /services/billing/versions/1.0/history", stay)
    shown = slipway("version", "show", "billing", "latest")
    assert said(["failed", "7", "It broke.", "1 failed, 2 taken back", "web-1"], shown.out)
    assert said(["prod", "no", "It is locked. Ask bob.", "test", "it runs there"], shown.out)
    assert said(["load", "rollout 9 brings it", "dev", "yes", "It is locked."], shown.out)
    assert said(["prod", "3", "halted and taken back", "alice", "It leaked."], shown.out)
    whole = slipway("version", "show", "billing", "latest", "-o", "json").document
    parts = {"destinations": places, "passages": [passage], "history": [stay]}
    assert whole == {**version, **parts}


def test_a_service_is_starred_and_not(server: Standin, slipway: Run) -> None:
    server.on("POST /services/billing/star", {"name": "billing", "starred": True})
    server.on("POST /services/billing/unstar", {"name": "billing", "starred": False})
    server.on("GET /services/billing", {"name": "billing", "starred": True})
    starred = slipway("service", "star", "billing")
    assert (starred.code, "billing comes first in your lists." in starred.err) == (0, True)
    assert said(["billing", "yes"], slipway("service", "show", "billing").out)
    unstarred = slipway("service", "unstar", "billing", "-o", "json")
    assert unstarred.document == {"name": "billing", "starred": False}
    server.lists("GET /services")
    slipway("service", "list", "--where", "is:starred")
    assert server.asked[-1].query["where"] == "is:starred"


def test_a_version_is_withdrawn_and_cleared(server: Standin, slipway: Run) -> None:
    held = {"version": "1.1", "environment": "prod", "by": "alice", "reason": "it leaks"}
    server.on("POST /services/billing/versions/1.1/withdraw", held)
    words = ["--env", "prod", "--reason", "it leaks"]
    ended = slipway("version", "withdraw", "billing", "1.1", *words)
    assert (ended.code, "1.1 of billing is withdrawn in prod." in ended.err) == (0, True)
    assert server.asked[0].json == {"environment": "prod", "reason": "it leaks"}
    server.lists("GET /services/billing/withdrawals", held)
    shown = slipway("version", "withdrawn", "billing")
    assert said(["1.1", "prod", "alice", "it leaks"], shown.out)
    server.on("POST /services/billing/versions/1.1/clear", {})
    assert slipway("version", "clear", "billing", "1.1", "--env", "prod").code == 0
    assert server.asked[-1].json == {"environment": "prod"}


def test_release_rules_come_and_go(server: Standin, slipway: Run) -> None:
    server.on("POST /release-rules", {"service": "billing"})
    slipway(
        *[
            "release-rule",
            "add",
            "billing",
            "--env",
            "test",
            "--ref",
            "main",
            "--ref",
            "release/*",
            "--off",
        ]
    )
    assert server.asked[0].json == {
        "service": "billing",
        "environment": "test",
        "refs": ["main", "release/*"],
        "enabled": False,
    }
    rule = {"service": "billing", "environment": "test", "refs": ["main"], "problem": "Locked."}
    server.lists("GET /release-rules", rule)
    assert said(["billing", "test", "main", "Locked."], slipway("release-rule", "list").out)
    server.on("DELETE /release-rules/billing/test", {})
    assert slipway("release-rule", "remove", "billing", "--env", "test").code == 0


def test_retention_is_shown_before_it_is_done(server: Standin, slipway: Run) -> None:
    fate = {"service": "billing", "version": "1.0", "created_at": "", "size": 1000, "need": ""}
    preview = {"items": [fate], "total": 1, "packages": 1, "freed_bytes": 3_400_000}
    server.on("GET /retention", preview)
    shown = slipway("retention", "show", "--service", "billing", "--kept")
    assert said(["1.0", "1.0 kB", "goes"], shown.out)
    assert "That frees 3.4 MB." in shown.err
    assert server.asked[0].query["kept"] == "true"
    run = {"id": 4, "finished_at": None, "problem": "", "packages": 0, "freed_bytes": 0}
    over = {**run, "finished_at": "2026-11-23T10:00:00Z", "packages": 1, "freed_bytes": 1000}
    server.on("POST /retention/run", Reply(run, 202))
    server.on("GET /retention/runs/4", run, over)
    assert "Packages let go: 1. That freed" in slipway("retention", "run", "--wait").err
    server.on("GET /retention/runs/4", {**over, "problem": "The disk.", "problem_hint": ""})
    assert slipway("retention", "run", "--wait").code == 1
