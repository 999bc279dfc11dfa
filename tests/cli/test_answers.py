"""Output, exit codes and errors are the same for every command."""

import socket

import pytest

from tests.cli.conftest import Run
from tests.cli.standin import TOKEN, Asked, Reply, Standin

BILLING = {
    "name": "billing",
    "language": "go",
    "build_origin": "upload",
    "labels": {"team": "money"},
    "description": "sends bills",
}


def test_a_list_is_a_table_for_people(server: Standin, slipway: Run) -> None:
    server.lists("GET /services", BILLING)
    ended = slipway("service", "list")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "NAME     LANGUAGE  BUILD   LABELS      DESCRIPTION",
        "billing  go        upload  team=money  sends bills",
    ]
    assert ended.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["service", "list", "-o", "json"],
        ["-o", "json", "service", "list"],
        ["service", "list", "--output=json"],
    ],
)
def test_json_is_one_document_wherever_it_is_asked_for(
    server: Standin, slipway: Run, words: list[str]
) -> None:
    server.lists("GET /services", BILLING)
    ended = slipway(*words)
    assert ended.document == [BILLING]
    assert ended.err == ""


def test_an_option_may_come_before_or_after_the_names(server: Standin, slipway: Run) -> None:
    server.on("GET /services/billing/versions/latest", {"name": "1.0", "size": 10})
    server.lists("GET /services/billing/versions/1.0/destinations")
    server.lists("GET /services/billing/versions/1.0/passages")
    server.lists("GET /services/billing/versions/1.0/history")
    before = slipway("version", "show", "-o", "json", "billing", "latest")
    after = slipway("version", "show", "billing", "latest", "-o", "json")
    whole = {"name": "1.0", "size": 10, "destinations": [], "passages": [], "history": []}
    assert before.document == after.document == whole


def test_an_empty_list_says_so_to_people_and_is_an_empty_list_to_programs(
    server: Standin, slipway: Run
) -> None:
    server.lists("GET /services")
    assert slipway("service", "list").err == "There is no such service.\n"
    assert slipway("service", "list", "-o", "json").document == []


def test_a_long_list_is_fetched_page_after_page(server: Standin, slipway: Run) -> None:
    server.lists("GET /services", *({**BILLING, "name": f"s{number}"} for number in range(450)))
    assert len(slipway("service", "list", "-o", "json").document) == 450
    assert [asked.query["offset"] for asked in server.requests("GET /services")] == [
        "0",
        "200",
        "400",
    ]


def test_a_list_that_says_how_it_goes_on_is_read_from_there(server: Standin, slipway: Run) -> None:
    """What is new meanwhile moves no row past the one that was read last."""
    names = [f"s{number}" for number in range(203)]

    def from_there(asked: Asked) -> Reply:
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        shown = names[start : start + int(asked.query["limit"])]
        more = shown[-1] if start + len(shown) < len(names) else ""
        items = [{**BILLING, "name": name} for name in shown]
        names.insert(0, "new")
        return Reply({"items": items, "total": len(names), "next": more})

    server.on("GET /services", from_there)
    told = slipway("service", "list", "-o", "json").document
    assert [each["name"] for each in told] == [f"s{number}" for number in range(203)]
    assert len(server.requests("GET /services")) == 2


def test_a_request_carries_the_token_and_nothing_in_its_address(
    server: Standin, slipway: Run
) -> None:
    server.lists("GET /services")
    slipway("service", "list", "--search", "bill & co")
    (asked,) = server.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.query == {"search": "bill & co", "limit": "200", "offset": "0"}


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 429])
def test_a_refusal_is_a_sentence_with_a_hint_and_exit_code_2(
    server: Standin, slipway: Run, status: int
) -> None:
    problem = {"code": "locked", "message": "billing is locked by Bob.", "hint": "Ask Bob."}
    server.on("POST /rollouts", Reply(problem, status))
    ended = slipway("restart", "billing", "--env", "prod", "-o", "json")
    assert ended.code == 2
    assert ended.err == "billing is locked by Bob.\nAsk Bob.\n"
    assert ended.document == problem


def test_a_broken_server_is_a_failure_not_a_refusal(server: Standin, slipway: Run) -> None:
    server.on("GET /services/billing", Reply(raw=b"<h1>oops</h1>", status=500))
    ended = slipway("service", "show", "billing")
    assert ended.code == 1
    assert "HTTP 500" in ended.err
    assert "Traceback" not in ended.err


def test_something_else_than_slipway_is_told_from_slipway(server: Standin, slipway: Run) -> None:
    server.on("GET /services/billing", Reply(raw=b"<h1>hello</h1>", content_type="text/html"))
    assert "not Slipway" in slipway("service", "show", "billing").err


def test_a_redirect_is_not_followed_with_the_token(server: Standin, slipway: Run) -> None:
    server.on(
        "GET /services/billing", Reply({}, 302, headers={"Location": "http://elsewhere.example/"})
    )
    ended = slipway("service", "show", "billing")
    assert ended.code == 1
    assert "http://elsewhere.example/" in ended.err


def test_without_a_server_one_line_says_what_to_set(slipway: Run) -> None:
    ended = slipway("service", "list")
    assert ended.code == 2
    assert ended.err.splitlines() == [
        "No server is set.",
        "Run `slipway login URL`, or set SLIPWAY_URL and SLIPWAY_TOKEN.",
    ]


def test_without_a_token_one_line_says_what_to_set(
    slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLIPWAY_URL", "http://127.0.0.1:1")
    ended = slipway("service", "list")
    assert ended.code == 2
    assert "There is no token for http://127.0.0.1:1." in ended.err


def test_a_server_that_is_not_running_is_one_line_with_what_to_do(
    slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("SLIPWAY_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
    ended = slipway("service", "list")
    assert ended.code == 1
    assert "Connection refused" in ended.err
    assert "slipway up" in ended.err


@pytest.mark.parametrize(
    "url", ["ftp://x", "localhost:8000", "http://", "http://u:p@h", "http://[x"]
)
def test_an_address_that_is_none_is_refused(
    slipway: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SLIPWAY_URL", url)
    monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
    ended = slipway("service", "list")
    assert ended.code == 2
    assert "is not the address of a server" in ended.err


def test_a_token_with_a_line_end_is_never_sent(
    server: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLIPWAY_TOKEN", "slw_a_b\r\nX-Evil: 1")
    assert slipway("service", "list").code == 2
    assert server.asked == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["servic", "list"], "Did you mean “service”?"),
        (["service", "lst"], "Did you mean “list”?"),
        (["upgrade", "billing", "--env", "prod"], "VERSION"),
        (["service", "list", "-o", "xml"], "invalid choice: 'xml'"),
        (["rollout", "show", "seven"], "is not a whole number"),
        (["rollout", "show", "0"], "0 is less than 1"),
        (["service", "list", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["token", "create", "ci", "--role", "viewer", "--expires", "soon"], "not a duration"),
    ],
)
def test_a_mistake_on_the_command_line_ends_with_exit_code_2(
    server: Standin, slipway: Run, words: list[str], sentence: str
) -> None:
    ended = slipway(*words)
    assert ended.code == 2
    assert sentence in ended.err
    assert server.asked == []


def test_a_lost_connection_is_tried_again_with_the_same_key(server: Standin, slipway: Run) -> None:
    lock = {"service": "billing", "environment": "prod"}
    server.on("POST /locks", Reply(cut=True), Reply({}, 503), Reply(lock, 201))
    ended = slipway("lock", "billing", "--env", "prod", "--reason", "freeze", "--for", "2h")
    assert ended.code == 0
    asked = server.requests("POST /locks")
    assert len(asked) == 3
    assert len({each.headers["idempotency-key"] for each in asked}) == 1
    assert asked[2].json == {
        "service": "billing",
        "environment": "prod",
        "reason": "freeze",
        "for": 7200,
    }


def test_every_post_has_a_key_of_its_own(server: Standin, slipway: Run) -> None:
    server.on("POST /rollouts/7/pause", {"id": 7, "state": "paused"})
    slipway("rollout", "pause", "7")
    slipway("rollout", "pause", "7")
    first, second = (asked.headers["idempotency-key"] for asked in server.asked)
    assert first != second


def test_a_delete_that_may_have_arrived_is_not_sent_again(server: Standin, slipway: Run) -> None:
    server.on("DELETE /hosts/web-1", Reply(cut=True), Reply({}))
    assert slipway("host", "remove", "web-1").code == 1
    assert len(server.asked) == 1


def test_what_somebody_else_wrote_cannot_steer_the_terminal(server: Standin, slipway: Run) -> None:
    evil = "\x1b]0;owned\x07\x1b[2Jnice\x9b31m \u202etxet\r\nnext"
    server.lists("GET /services", {**BILLING, "description": evil})
    shown = slipway("service", "list").out
    assert shown.splitlines()[1].endswith("nice txet next")
    document = slipway("service", "list", "-o", "json")
    assert document.document[0]["description"] == evil
    assert not {sign for sign in document.out if sign != "\n" and not sign.isprintable()} - {
        "\u202e"
    }


def test_a_refusal_cannot_steer_the_terminal_either(server: Standin, slipway: Run) -> None:
    server.on("GET /services/x", Reply({"code": "c", "message": "no\x1b[31m!", "hint": ""}, 404))
    assert slipway("service", "show", "x").err == "no!\n"


@pytest.mark.parametrize("name", ["..", ".", ""])
def test_a_name_cannot_lead_to_another_address(server: Standin, slipway: Run, name: str) -> None:
    assert slipway("service", "show", name).code == 2
    assert server.asked == []


def test_signs_in_a_name_stay_in_the_name(server: Standin, slipway: Run) -> None:
    def named(asked: Asked) -> Reply:
        return Reply({"name": asked.path})

    server.on("GET /services/a%2F..%2Fb%3Fc%23d", named)
    assert slipway("service", "show", "a/../b?c#d").code == 0
