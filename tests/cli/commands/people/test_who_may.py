"""Who may do something, in lines: why, what is lacking, and which tokens may."""

from typing import Any

from tests.cli.conftest import Run
from tests.cli.standin import Standin


def test_who_may_says_what_is_lacking_and_which_programs_may(server: Standin, slipway: Run) -> None:
    def way(role: str, service: str, environment: str) -> dict[str, Any]:
        return {"role": role, "service": service, "environment": environment, "grant": 1}

    def lacking(name: str, why: str, nearest: dict[str, Any] | None) -> dict[str, Any]:
        return {"username": name, "why": why, "nearest": nearest}

    alice = {"username": "alice", "ways": [way("deployer", "billing", "")], "tokens": ["ci", "cd"]}
    server.on(
        "GET /access",
        {
            "least": "deployer",
            "allowed": [alice],
            "not_allowed": [
                lacking("gone", "disabled", None),
                lacking("shut", "disabled", way("viewer", "", "")),
                lacking("dora", "role", way("viewer", "billing", "")),
                lacking("eve", "elsewhere", way("deployer", "shop", "")),
                lacking("both", "both", way("viewer", "shop", "")),
            ],
        },
    )
    ended = slipway("grant", "who", "deploy", "--service", "billing")
    rows = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert rows[1:] == [
        "alice yes deployer of billing in * ci, cd",
        "gone no disabled",
        "shut no disabled, and would need more than viewer of * in *",
        "dora no only viewer of billing in *",
        "eve no elsewhere: deployer of shop in *",
        "both no too little, and elsewhere: viewer of shop in *",
    ]
