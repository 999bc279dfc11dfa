"""What is shown of a spec to whoever may not deploy."""

import pytest

from slipway.core.rollout.plans.outlook import checks_of
from slipway.core.spec.hidden_values import (
    HIDDEN,
    without_build_values,
    without_credentials,
    without_kept_values,
    without_values,
)
from slipway.core.spec.values import HealthCheck


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://u:p@h:80/", "http://***@h:80/"),
        ("see https://t@a and http://u:p@b", "see https://***@a and http://***@b"),
        ("http://u:p@q@h/", "http://***@h/"),
        ("http://h/a@b", "http://h/a@b"),
        ("http://h:80/a@b and http://h:${PORT}/a@b", "http://h:80/a@b and http://h:${PORT}/a@b"),
        ("http://u:p/w@h:80/", "http://***@h:80/"),
        ('http://u:p"w@h/', "http://***@h/"),
        ("http://u:p#w@h/ and then", "http://***@h/ and then"),
        ("http://u:p?w@h/", "http://***@h/"),
        ("http://u:'pw'@h/", "http://***@h/"),
        ("git@h:a/b", "git@h:a/b"),
    ],
)
def test_names_and_passwords_in_addresses_are_hidden(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [[1]], {"run": {"a": 1}}])
def test_what_is_no_spec_is_hidden_without_an_error(odd: object) -> None:
    for name in ("environment", "run", "scripts", "health"):
        without_values({name: odd})
    for name in ("variables", "command"):
        without_build_values({name: odd})
    for name in ("spec", "build", "build_url"):
        without_kept_values({name: odd})


@pytest.mark.parametrize("command", ["./a b", ["./a", "b"], ("./a", "b", "c")])
def test_of_a_command_the_program_is_shown_alone(command: object) -> None:
    assert without_values({"run": command})["run"] in ("./a ***", ["./a", "***"])


@pytest.mark.parametrize(
    "check",
    [
        HealthCheck(http="http://u:hunter2@h/"),
        HealthCheck(http="http://h/healthz?token=hunter2"),
        HealthCheck(command=("./well", "hunter2")),
    ],
)
def test_a_plan_names_its_check_without_what_is_secret_in_it(check: HealthCheck) -> None:
    (said,) = checks_of(check)
    assert HIDDEN in str(said)
    assert "hunter2" not in str(said)


def test_the_query_of_a_check_is_hidden_from_who_may_not_deploy() -> None:
    shown = without_values({"health": {"http": "http://h/healthz?token=hunter2", "expect": "ok"}})
    assert shown == {"health": {"http": f"http://h/healthz?{HIDDEN}", "expect": "ok"}}
    assert without_values({"health": "/up?token=hunter2"}) == {"health": f"/up?{HIDDEN}"}
