"""What a release does not find on a host is named, with what helps; what nobody knows is not."""

from typing import Any

import pytest

from slipway.core.spec.host_needs import no_right_for_unit, unmet
from slipway.core.spec.values import HealthCheck, ReleaseSpec, Supervisor

UNIT = ReleaseSpec(run=("./bin/billing",), user="app")
SCRIPTS = ReleaseSpec(supervisor=Supervisor.SCRIPT)
HTTP = ReleaseSpec(supervisor=Supervisor.SCRIPT, health=HealthCheck(http="http://127.0.0.1:1/"))
ALL = {"systemd": True, "tools": ["curl", "wget", "python3", "bash"], "missing_users": []}


def said(
    spec: ReleaseSpec, facts: dict[str, Any], login: str = "root", become: str = "none"
) -> list[str]:
    barred = no_right_for_unit(spec, host="web-1", user=login, become=become, facts=facts)
    found = [*unmet(spec, host="web-1", facts=facts), *([barred] if barred else [])]
    assert all("web-1" in each.english for each in found)
    assert all("slipway host c" in each.english_hint for each in found)
    return [each.code for each in found]


@pytest.mark.parametrize("spec", [UNIT, SCRIPTS, HTTP])
@pytest.mark.parametrize("facts", [ALL, {}, {"disk_free": 3}])
def test_what_is_there_or_was_never_asked_is_not_missing(
    spec: ReleaseSpec, facts: dict[str, Any]
) -> None:
    assert said(spec, facts) == []
    assert said(spec, facts, "deploy", "sudo") == []


@pytest.mark.parametrize(
    ("spec", "facts", "login", "expected"),
    [
        (UNIT, {"systemd": False}, "root", ["no_systemd"]),
        (SCRIPTS, {"systemd": False}, "root", []),
        (UNIT, ALL, "deploy", ["no_right_for_unit"]),
        (UNIT, {}, "deploy", ["no_right_for_unit"]),
        (SCRIPTS, ALL, "deploy", []),
        (UNIT, ALL | {"missing_users": ["app", "x"]}, "root", ["no_run_user"]),
        (SCRIPTS, ALL | {"missing_users": ["app"]}, "root", []),
        (HTTP, ALL | {"tools": ["tar"]}, "root", ["nothing_to_ask_with"]),
        (HTTP, ALL | {"tools": ["bash"]}, "root", []),
    ],
)
def test_what_is_missing_is_named(
    spec: ReleaseSpec, facts: dict[str, Any], login: str, expected: list[str]
) -> None:
    assert said(spec, facts, login) == expected


@pytest.mark.parametrize(
    ("check", "tools", "is_asked"),
    [
        (HealthCheck(http="http://127.0.0.1/"), ["wget"], True),
        (HealthCheck(http="http://127.0.0.1/?key=1"), ["wget"], False),
        (HealthCheck(http="http://127.0.0.1/?key=1"), ["bash"], True),
        (HealthCheck(http="http://u:p@127.0.0.1/"), ["bash", "wget"], False),
        (HealthCheck(http="http://u:p@127.0.0.1/"), ["curl"], True),
        (HealthCheck(http="https://127.0.0.1/"), ["bash"], False),
        (HealthCheck(http="https://127.0.0.1/"), ["python3"], True),
        (HealthCheck(tcp="127.0.0.1:1"), ["wget"], False),
        (HealthCheck(tcp="127.0.0.1:1"), ["bash"], True),
        (HealthCheck(command=("./check",)), [], True),
        (HealthCheck(), [], True),
    ],
)
def test_a_check_needs_a_program_that_can_ask_it(
    check: HealthCheck, tools: list[str], is_asked: bool
) -> None:
    spec = ReleaseSpec(supervisor=Supervisor.SCRIPT, health=check)
    assert (said(spec, ALL | {"tools": tools}) == []) is is_asked
