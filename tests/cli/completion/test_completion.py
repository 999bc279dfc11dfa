"""At Tab a shell offers what may stand there: commands, options, and names of the server."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from socket import create_server

import pytest

from slipway.core.words.roles import Action
from tests.cli.conftest import QUICK, Run
from tests.cli.standin import Answer, Asked, Reply, Standin

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fleet(server: Standin) -> Standin:
    """A server with two services, three hosts and some of the rest; it searches as the API does."""

    def searched(*items: Mapping[str, object]) -> Answer:
        def answer(asked: Asked) -> Reply:
            part = asked.query.get("search", "")
            found = [item for item in items if part in str(item["name"])]
            return Reply({"items": found, "total": len(found)})

        return answer

    server.on(
        "GET /services",
        searched({"name": "billing", "language": "go"}, {"name": "basket", "language": "java"}),
    )
    hosts = [{"name": f"web-{n}", "environment": "prod", "address": ""} for n in (1, 2, 3)]
    server.on("GET /hosts", searched(*hosts))
    server.on("GET /environments", searched({"name": "prod"}, {"name": "test"}))
    versions = [
        {"name": "2.1", "status": "ready", "ref": "main"},
        {"name": "1.9", "status": "ready"},
    ]
    server.on("GET /services/billing/versions", searched(*versions))
    rollout = {"id": 17, "kind": "deploy", "service": "billing", "state": "running"}
    server.lists("GET /rollouts", rollout)
    server.on("GET /rollouts", Reply({"items": [rollout], "total": 1}))
    return server


def offered(slipway: Run, *words: str) -> list[str]:
    ended = slipway("complete", *words)
    assert (ended.code, ended.err) == (0, "")
    return [line.split("\t")[0] for line in ended.out.splitlines()]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rol", ["rollback", "rollout"]),
        ("rollout pa", ["pause"]),
        ("--co", ["--context"]),
        ("-o ", ["table", "json"]),
        ("deploy b", ["billing", "basket"]),
        ("deploy billing ", ["latest", "2.1", "1.9"]),
        ("deploy billing 2", ["2.1"]),
        ("deploy billing 2.1 --e", ["--env"]),
        ("deploy billing 2.1 --env ", ["prod", "test"]),
        ("deploy --env prod b", ["billing", "basket"]),
        ("deploy billing 2.1 --env prod --hosts web-1,", ["web-1,web-2", "web-1,web-3"]),
        ("upgrade billing 2.1 --env prod --instances web-1:80,web-2", ["web-1:80,web-2"]),
        ("grant who man", [each for each in Action if each.startswith("man")]),
        ("grant who ", list(Action)),
        ("deploy billing 2.1 --env prod --wait --answer ", ["go-on", "without", "cancel"]),
        ("host show web-2", ["web-2"]),
        ("host check web-1 web-3", ["web-3"]),
        ("host maintenance web-1 o", ["on", "off"]),
        ("rollout show ", ["17"]),
        ("env show t", ["test"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("version upload billing ", []),  # a file: the shell knows those itself
        ("deploy billing 2.1 --reason ", []),
        ("nonsense ", []),
        ("rollout nonsense ", []),
    ],
)
def test_what_may_stand_there_is_offered(
    fleet: Standin, slipway: Run, typed: str, expected: list[str]
) -> None:
    assert offered(slipway, *typed.split(" ")) == expected


def test_an_option_is_offered_once_unless_it_repeats(fleet: Standin, slipway: Run) -> None:
    said = ("host", "change", "web-1", "--label", "rack=a", "--user", "deploy", "--")
    assert {"--label", "--port"} <= set(offered(slipway, *said))
    assert "--user" not in offered(slipway, *said)


def test_what_a_word_is_stands_beside_it(fleet: Standin, slipway: Run) -> None:
    assert slipway("complete", "rollout", "show", "").out == "17\tdeploy billing running\n"
    assert slipway("complete", "deploy", "--batch").out == (
        '--batches\tFor example "1 10% 50%"; the last part repeats.\n'
    )


def test_chinese_readers_are_told_in_chinese(fleet: Standin, slipway: Run, chinese: None) -> None:
    assert not slipway("complete", "roll").out.isascii()


def test_nobody_to_ask_offers_no_names_and_says_nothing(slipway: Run) -> None:
    assert offered(slipway, "deploy", "") == []
    assert "--env" in offered(slipway, "deploy", "--")


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that takes connections, and never answers."""
    with closing(create_server(("127.0.0.1", 0))) as listening:
        monkeypatch.setenv("SLIPWAY_URL", f"http://127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("SLIPWAY_TOKEN", "slw_x")
        yield


def test_a_server_that_hangs_holds_up_nobody_for_long(deaf: None, slipway: Run) -> None:
    began = time.monotonic()
    assert slipway("complete", "deploy", "", pauses=replace(QUICK, names=0.2)).out == ""
    assert time.monotonic() - began < 10


def test_a_shell_that_is_not_known_is_refused(slipway: Run) -> None:
    ended = slipway("completion", "tcsh")
    assert ended.code == 2
    assert "tcsh" in ended.err


# --- real shells ---------------------------------------------------------------------------------

IN_SHELL = {
    "bash": 'eval "$(slipway completion bash)"; COMP_WORDS=(slipway rollout show "")\n'
    'COMP_CWORD=3; _slipway; printf "%s\\n" "${COMPREPLY[@]}"; complete -p slipway >/dev/null',
    # Outside of its line editor: what it hands to that is printed.
    "zsh": 'compdef() { : }; compadd() { print -rl -- "${names[@]}" }; _files() { print files }\n'
    'eval "$(slipway completion zsh)"; words=(slipway rollout show ""); CURRENT=4; _slipway',
    "fish": "slipway completion fish | source; complete -C 'slipway rollout show '",
}
QUIETLY = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.mark.parametrize("shell", IN_SHELL)
def test_the_script_of_each_shell_asks_and_offers(
    fleet: Standin, shell: str, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "slipway"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m slipway_cli "$@"\n')
    program.chmod(0o755)
    own = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    ended = subprocess.run(
        [shell, *QUIETLY[shell], "-c", IN_SHELL[shell]],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.stderr == ""
    assert [line.split("\t")[0] for line in ended.stdout.splitlines()] == ["17"]
