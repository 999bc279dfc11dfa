"""Raising claims from the command line: asked for twice, and said with both numbers."""

import io
import sys

import pytest

from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin

RAISED = {"before": 1_795_000_000, "after": 1_796_000_001}


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr("slipway_cli.session.somebody_is_here", lambda: True)


def test_both_numbers_are_said(server: Standin, slipway: Run) -> None:
    server.on("POST /claims/raise", RAISED)
    ended = slipway("claim", "raise", "--reason", "restored", "--yes")
    assert (ended.code, server.asked[0].json) == (0, {"reason": "restored"})
    assert str(RAISED["before"]) in ended.err
    assert str(RAISED["after"]) in ended.err
    assert slipway("-o", "json", "claim", "raise").document == RAISED


@pytest.mark.parametrize(("typed", "asked"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_a_person_is_asked_whether_a_copy_runs(
    server: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch, typed: str, asked: int
) -> None:
    server.on("POST /claims/raise", RAISED)
    at_a_terminal(monkeypatch, typed)
    ended = slipway("claim", "raise")
    assert "copy of this installation" in ended.err
    assert len(server.asked) == asked
    assert (ended.code == 0) is bool(asked)


def test_that_there_is_nothing_to_raise_is_said(server: Standin, slipway: Run) -> None:
    nothing = {"code": "nothing_to_raise", "message": "Nothing to raise.", "hint": "See doctor."}
    server.on("POST /claims/raise", Reply(nothing, 409))
    ended = slipway("claim", "raise", "--yes")
    assert ended.code == 2
    assert "Nothing to raise." in ended.err
