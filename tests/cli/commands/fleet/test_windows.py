"""Freeze windows and other times, as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from slipway_cli.arguments.values import point, present
from slipway_cli.errors import Usage
from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin, said

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
NEW_YEAR = {
    "from": "2099-01-01T00:00:00+00:00",
    "until": "2099-01-02T00:00:00+00:00",
    "reason": "a",
}
PAST = {"from": "2020-01-01T00:00:00+00:00", "until": "2020-01-02T00:00:00+00:00", "reason": ""}


@pytest.mark.parametrize(
    ("text", "past", "meant"),
    [
        ("now", False, "2026-11-27T12:00:00+00:00"),
        ("2h", False, "2026-11-27T14:00:00+00:00"),
        ("1d12h", True, "2026-11-26T00:00:00+00:00"),
        ("2026-12-24T18:00:00+01:00", False, "2026-12-24T17:00:00+00:00"),
        ("2026-12-24T18:00:00Z", True, "2026-12-24T18:00:00+00:00"),
    ],
)
def test_a_time_is_a_moment_or_that_far_from_now(text: str, past: bool, meant: str) -> None:
    assert point(text, NOW, past=past) == meant


def test_a_time_without_a_zone_is_meant_where_it_is_written() -> None:
    here = datetime(2026, 12, 24).astimezone().astimezone(UTC)
    assert point("2026-12-24", NOW) == here.isoformat(timespec="seconds")


@pytest.mark.parametrize(
    "text", ["", "soon", "2", "-2h", "999999999w", "2026-13-01", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    for past in (False, True):
        with pytest.raises(Usage):
            point(text, NOW, past=past)


def test_a_window_is_added_by_itself(server: Standin, slipway: Run) -> None:
    server.on("POST /environments/prod/windows", Reply({"id": "a1", **NEW_YEAR}, status=201))
    before = present()
    ended = slipway("window", "add", "prod", "--until", "3d", "--reason", "audit week")
    assert ended.code == 0
    (asked,) = server.asked
    assert asked.json["reason"] == "audit week"
    until = datetime.fromisoformat(asked.json["until"])
    assert until - datetime.fromisoformat(asked.json["from"]) == timedelta(days=3)
    assert abs(until - before - timedelta(days=3)) < timedelta(minutes=1)


def test_windows_are_listed_and_taken_away_by_id(server: Standin, slipway: Run) -> None:
    windows = [{"id": "a1", **PAST}, {"id": "b2", **NEW_YEAR}]
    server.lists("GET /environments/prod/windows", *windows)
    server.on("DELETE /environments/prod/windows/b2", {})
    assert slipway("window", "list", "prod", "-o", "json").document == windows
    assert said(["a1", "over", "b2", "to come"], slipway("window", "list", "prod").out)
    refused = slipway("window", "remove", "prod", "c3")
    assert (refused.code, "no freeze window c3" in refused.err) == (2, True)
    assert slipway("window", "remove", "prod", "b2", "--yes").code == 0
    assert (server.asked[-1].method, server.asked[-1].body) == ("DELETE", b"")


def test_an_environment_is_shown_whole(server: Standin, slipway: Run) -> None:
    policy = {"bake_time": 300, "promotion_needed": True, "freeze_windows": [NEW_YEAR]}
    server.on("GET /environments/prod", {"name": "prod", **policy})
    shown = slipway("env", "show", "prod").out
    assert said(["bake time", "5 min", "a person promotes", "yes", "freeze windows", ": a"], shown)


def test_the_audit_is_asked_by_person_host_and_time(server: Standin, slipway: Run) -> None:
    server.on("GET /audit", {"items": [], "next": None})
    words = ["--by", "bob", "--host", "web-1", "--since", "2h", "--until", "now"]
    assert slipway("audit", "list", *words).code == 0
    query = server.asked[0].query
    assert (query["by"], query["host"]) == ("bob", "web-1")
    since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
    assert until - since == timedelta(hours=2)


def test_a_host_is_changed_in_what_was_said_only(server: Standin, slipway: Run) -> None:
    server.on("PATCH /hosts/web-1", {"name": "web-1", "host_key": ""})
    ended = slipway("host", "change", "web-1", "--address", "10.0.0.9", "--no-sudo")
    assert server.asked[-1].json == {"address": "10.0.0.9", "become": "none"}
    assert "slipway host check web-1 --accept-key" in ended.err
    assert slipway("host", "change", "web-1", "--no-labels").code == 0
    assert server.asked[-1].json == {"labels": {}}
    assert slipway("host", "change", "web-1").code == 2
    assert slipway("host", "change", "web-1", "--label", "a=b", "--no-labels").code == 2


def test_the_output_of_a_step_is_asked_for_by_place(server: Standin, slipway: Run) -> None:
    targets = [{"id": number, "host": "web-1", "port": port} for number, port in ((7, 80), (8, 81))]
    server.on("GET /rollouts/3", {"targets": targets})
    server.on("GET /rollouts/3/targets/8/output", {"output": "it \x1b[31mbroke\n"})
    words = ("rollout", "output", "3")
    assert slipway(*words, "web-1:81", "hook", "--attempt", "2").out == "it broke\n\n"
    assert server.asked[-1].query == {"step": "hook", "attempt": "2"}
    assert slipway(*words, "web-1", "hook").code == 2
