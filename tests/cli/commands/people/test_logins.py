"""Logins are kept for their owner only, and a token is shown to its own server only."""

import io
import json
import stat
from pathlib import Path

import pytest

from slipway_cli.contexts import contexts_file
from tests.cli.conftest import Run
from tests.cli.standin import TOKEN, Reply, Standin

OTHER = "slw_other123_secret"


@pytest.fixture
def alone(server: Standin, monkeypatch: pytest.MonkeyPatch) -> Standin:
    """The server runs, and nothing in the environment says so."""
    monkeypatch.delenv("SLIPWAY_URL")
    monkeypatch.delenv("SLIPWAY_TOKEN")
    server.on("GET /me", {"username": "alice"})
    server.lists("GET /services")
    return server


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def log_in(slipway: Run, server: Standin, folder: Path, *words: str) -> None:
    file = folder / "admin-token"
    file.write_text(TOKEN + "\n")
    assert slipway("login", server.url, "--token-file", str(file), *words).code == 0


def test_a_password_is_changed_for_a_token_that_is_kept(
    alone: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.on("POST /login", Reply({"token": TOKEN, "expires_at": "2027"}, 201))
    typed(monkeypatch, "correct horse\n")
    ended = slipway("login", alone.url, "--username", "alice", "--password-stdin")
    assert ended.err == f"Logged in to {alone.url} as alice.\n"
    (asked,) = alone.requests("POST /login")
    assert asked.json["password"] == "correct horse"
    assert "authorization" not in asked.headers
    assert slipway("service", "list", "-o", "json").document == []
    assert alone.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_wrong_password_keeps_nothing(
    alone: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"code": "wrong_password", "message": "That is not right.", "hint": ""}
    alone.on("POST /login", Reply(wrong, 401))
    typed(monkeypatch, "guess\n")
    ended = slipway("login", alone.url, "--username", "alice", "--password-stdin")
    assert ended.code == 2
    assert not contexts_file().exists()


def test_the_file_of_logins_is_its_owners_alone(
    alone: Standin, slipway: Run, tmp_path: Path
) -> None:
    log_in(slipway, alone, tmp_path)
    assert stat.S_IMODE(contexts_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(contexts_file().parent.stat().st_mode) == 0o700
    assert contexts_file().is_relative_to(tmp_path / "config")


def test_a_token_is_never_printed(alone: Standin, slipway: Run, tmp_path: Path) -> None:
    log_in(slipway, alone, tmp_path)
    for words in (["context", "list"], ["context", "list", "-o", "json"]):
        ended = slipway(*words)
        assert alone.url in ended.out
        assert TOKEN not in ended.out + ended.err


def test_a_saved_token_is_not_sent_to_another_server(
    alone: Standin, slipway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(slipway, alone, tmp_path)
    with Standin().running() as other:
        monkeypatch.setenv("SLIPWAY_URL", other.url)
        assert slipway("service", "list").code == 2
        assert other.asked == []


def test_the_environment_beats_what_was_saved_and_an_option_beats_both(
    alone: Standin, slipway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(slipway, alone, tmp_path, "--name", "here")
    monkeypatch.setenv("SLIPWAY_TOKEN", OTHER)
    slipway("service", "list")
    assert alone.asked[-1].headers["authorization"] == f"Bearer {OTHER}"
    monkeypatch.setenv("SLIPWAY_URL", "http://127.0.0.1:1")
    assert slipway("--context", "here", "service", "list").code == 0
    assert alone.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_contexts_are_switched_and_forgotten(alone: Standin, slipway: Run, tmp_path: Path) -> None:
    log_in(slipway, alone, tmp_path, "--name", "one")
    log_in(slipway, alone, tmp_path, "--name", "two")
    assert slipway("context", "use", "one").code == 0
    current = {
        row["name"]: row["current"] for row in slipway("context", "list", "-o", "json").document
    }
    assert current == {"one": True, "two": False}
    assert slipway("context", "remove", "one").code == 0
    assert slipway("context", "use", "one").code == 2
    assert slipway("service", "list").code == 0


def test_logging_out_revokes_the_token_and_forgets_it(
    alone: Standin, slipway: Run, tmp_path: Path
) -> None:
    log_in(slipway, alone, tmp_path)
    alone.on("DELETE /tokens/abcd1234", {})
    assert slipway("logout").code == 0
    assert len(alone.requests("DELETE /tokens/abcd1234")) == 1
    assert TOKEN not in contexts_file().read_text()
    assert slipway("service", "list").code == 2


def test_logging_out_forgets_the_token_even_when_the_server_is_gone(
    alone: Standin, slipway: Run, tmp_path: Path
) -> None:
    log_in(slipway, alone, tmp_path)
    alone.on("DELETE /tokens/abcd1234", Reply({}, 500))
    ended = slipway("logout")
    assert ended.code == 0
    assert "only forgotten here" in ended.err
    assert TOKEN not in contexts_file().read_text()


def test_a_damaged_file_of_logins_is_named_not_overwritten(slipway: Run) -> None:
    contexts_file().parent.mkdir(parents=True)
    contexts_file().write_text('{"contexts": {"x": {"unknown": 1}}, "current": "x"}')
    ended = slipway("service", "list")
    assert ended.code == 2
    assert str(contexts_file()) in ended.err
    assert json.loads(contexts_file().read_text())["current"] == "x"


def test_a_password_is_not_asked_for_where_nobody_is(
    alone: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "")
    ended = slipway("login", alone.url, "--username", "alice")
    assert ended.code == 2
    assert "--password-stdin" in ended.err


def test_an_untrusted_certificate_is_a_refusal_to_talk(
    slipway: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLIPWAY_URL", "https://127.0.0.1:1")
    monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
    (tmp_path / "ca.pem").write_text("not a certificate")
    ended = slipway("--ca-file", str(tmp_path / "ca.pem"), "service", "list")
    assert ended.code == 2
    assert "ca.pem cannot be used" in ended.err


def test_how_long_a_token_lives_is_left_to_the_server_unless_it_is_said(
    server: Standin, slipway: Run
) -> None:
    server.on("POST /tokens", Reply({"token": "slw_x_y", "name": "ci"}, 201))
    slipway("token", "create", "ci", "--role", "viewer")
    assert server.asked[0].json == {"name": "ci", "role": "viewer"}
