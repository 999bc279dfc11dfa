"""What the doctor says of builds by command that are not kept apart."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from slipway.core.builds.seen import NOT_ISOLATED, Finding
from slipway.records.catalog.models import ServerCheck
from slipway.records.catalog.operations.servers import (
    finish_server_check,
    request_checks_of_commands,
)
from tests.interfaces.people import Person

ISOLATED = Finding.of("isolated", "Each build is a user of its own.", True)


def finding(who: Person) -> Any:
    return next(item for item in who.get("/doctor").json()["items"] if item["code"] == "builds")


def a_worker_finds(*found: Finding) -> None:
    ServerCheck.objects.update(requested_at=timezone.now() - timedelta(days=2))
    assert request_checks_of_commands(now=timezone.now()) == 1
    check = ServerCheck.objects.get(finished_at=None)
    finish_server_check(check_id=check.pk, findings=found, now=timezone.now())


@pytest.fixture
def here(root: Person) -> Person:
    assert root.post("/build-servers", {"name": "here", "kind": "command"}).status_code == 201
    return root


@pytest.mark.parametrize("code", NOT_ISOLATED)
def test_the_doctor_says_what_a_worker_has_found_last(here: Person, code: str) -> None:
    assert finding(here)["ok"]
    a_worker_finds(Finding.of(code, "Not here ({reason}).", False, hint="Be root.", reason="x"))
    told = finding(here)
    assert (told["ok"], told["message"], told["hint"]) == (False, "Not here (x).", "Be root.")
    a_worker_finds(ISOLATED)
    assert finding(here)["ok"]


def test_workers_look_once_a_day_and_only_at_commands(here: Person) -> None:
    gitlab = {"name": "gitlab", "kind": "gitlab", "base_url": "https://git.example.com"}
    assert here.post("/build-servers", gitlab).status_code == 201
    now = timezone.now()
    assert [request_checks_of_commands(now=now) for _ in range(2)] == [1, 0]
    assert request_checks_of_commands(now=now + timedelta(hours=25)) == 1
