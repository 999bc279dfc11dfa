"""A guarded environment: a person is asked for the name, a program is taken at its word."""

from typing import Any

import pytest

from tests.cli.api.test_transport import at_a_terminal
from tests.cli.conftest import Run
from tests.cli.following.test_watch import ASKS, END, EVENTS, SHOW, delta
from tests.cli.standin import Asked, Reply, Standin, events, rollout

PROBLEM = {
    "code": "unconfirmed",
    "message": "Type billing to confirm.",
    "hint": "prod is guarded. … a command line takes --confirm billing.",
}
WAYS = (
    ("POST /rollouts", "upgrade billing 1.1 --env prod"),
    ("POST /rollouts", "remove billing --env prod --yes"),
    ("POST /rollouts/7/retry", "retry 7"),
    ("POST /rollouts/7/retry", "rollout retry 7"),
    ("POST /rollouts/7/rollback", "rollout rollback 7"),
    ("POST /rollouts/7/resume", "rollout resume 7"),
    ("POST /rollouts/7/promote", "rollout promote 7"),
    ("POST /rollouts/7/answer", "rollout answer 7 go-on"),
    ("POST /rollouts/7/gone", "rollout gone 7 web-1"),
)


def guarded(server: Standin, what: str, document: Any = None) -> None:
    """Answer as a server does that wants the name."""

    def answer(asked: Asked) -> Reply:
        if asked.json.get("confirm", "billing") != "billing":
            return Reply(PROBLEM, 422)
        return Reply(document or rollout(), 202)

    server.on(what, answer)


@pytest.mark.parametrize(("what", "words"), WAYS)
def test_where_nobody_sits_nobody_is_asked_and_a_wrong_name_is_refused(
    server: Standin, slipway: Run, what: str, words: str
) -> None:
    guarded(server, what)
    assert slipway(*words.split()).code == 0
    ended = slipway(*words.split(), "--confirm", "shop")
    assert ended.code == 2
    assert "Type billing to confirm." in ended.err
    assert "--confirm billing" in ended.err
    assert slipway(*words.split(), "--confirm", "billing").code == 0
    assert [each.json.get("confirm") for each in server.requests(what)] == [None, "shop", "billing"]


@pytest.mark.parametrize(("what", "words"), WAYS)
def test_a_person_at_a_terminal_is_asked_for_it(server: Standin, what: str, words: str) -> None:
    guarded(server, what)
    code, shown = at_a_terminal(server, "billing\n", *words.split())
    assert code == 0, shown
    assert "Type billing to confirm. " in shown
    first, second = server.requests(what)
    assert second.json == {**first.json, "confirm": "billing"}


def test_another_name_is_refused_and_nothing_is_asked_again(server: Standin) -> None:
    guarded(server, "POST /rollouts")
    code, _ = at_a_terminal(server, "prod\n", "upgrade", "billing", "1.1", "--env", "prod")
    assert code == 2
    assert len(server.asked) == 2


def test_a_wrong_flag_and_json_ask_nobody(server: Standin) -> None:
    guarded(server, "POST /rollouts")
    words = ("upgrade", "billing", "1.1", "--env", "prod")
    for more, expected in ((("--confirm", "prod"), 2), (("-o", "json"), 0)):
        code, shown = at_a_terminal(server, "billing\n", *words, *more)
        assert code == expected, shown
    assert len(server.asked) == 2


def test_of_a_restore_it_is_the_host(server: Standin, slipway: Run) -> None:
    whole = {"host": "web-1", "dry_run": False, "rollouts": [], "plans": [], "refused": []}
    server.on("POST /hosts/web-1/restore", Reply({**whole, "others": 0, "ok": True}, 202))
    assert slipway("host", "restore", "web-1", "--confirm", "web-1").code == 0
    assert server.asked[0].json == {"confirm": "web-1"}


def test_who_confirmed_the_name_has_confirmed_the_answer_too(server: Standin, slipway: Run) -> None:
    server.on("POST /rollouts", Reply(rollout(), 202))
    server.on(EVENTS, events(delta(1, state="paused", asks=ASKS), delta(2), END))
    server.on(SHOW, rollout(state="succeeded"))
    guarded(server, "POST /rollouts/7/answer")
    words = "upgrade billing 1.1 --env prod --wait --answer go-on --confirm billing"
    assert slipway(*words.split()).code == 0
    assert server.requests("POST /rollouts/7/answer")[0].json == {
        "answer": "go-on",
        "confirm": "billing",
    }
