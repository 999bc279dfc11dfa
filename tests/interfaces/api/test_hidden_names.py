"""No answer tells that there is something that one may not see: every write is asked about it, and
about what is not there, and says the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import transaction

from slipway.interfaces import doors
from tests.fakes.packages import MemoryPackages
from tests.interfaces.api.permission_table import FOREIGN, OWN, TABLE, Try
from tests.interfaces.api.test_permissions import _numbers, _send
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.standing import made_once

pytestmark = pytest.mark.once
WRITES = {
    name: asked for name, asked in TABLE.items() if name.split()[0] in ("POST", "PUT", "PATCH")
}
MALLORIES = {
    "of an environment": ("admin", "", "dev"),
    "of a service": ("admin", "shop", ""),
    "of a service there": ("admin", "shop", "dev"),
    "who looks at a service there": ("viewer", "shop", "dev"),
}
MISSING = {
    "service": "nope-at-all",
    "environment": "nowhere",
    "host": "nope-1",
    "holder": "nobody-at-all",
    "window": "0000",
    "token": "000000000000",
    "check": "00000000-0000-4000-8000-000000000000",
    "server_check": "00000000-0000-4000-8000-000000000001",
}
# Moments, and numbers that PostgreSQL counts on although nothing was kept.
_WHEN = re.compile(r'"\d{4}-\d\d-\d\dT[^"]+"|"id": \d+')
FREE = 10**9  # a number that nothing has
WISH = {"service": "shop", "environment": "dev", "kind": "deploy", "version": "1.0", "port": 8080}
FILE = {"text": "name,address\nown-2,own-2.example\n", "filename": "hosts.csv"}
NEW = {"name": "own-2", "address": "own-2.example", "environment": "dev"}
# What is named in a body beside the places of the table: hidden, then missing.
NAMED: dict[str, tuple[Try, str, str]] = {
    "server of a service": (Try("/services/shop", {"build_server": "{x}"}), "secret-ci", "nope"),
    "server of a new one": (
        Try("/services", {"name": "new", "build_server": "{x}"}),
        "secret-ci",
        "nope",
    ),
    "key of a host": (Try("/hosts/dev-1", {"key": "{x}"}), "secret", "nope"),
    "environment of a host": (Try("/hosts/dev-1", {"environment": "{x}"}), "prod", "nope"),
    "key of a new host": (Try("/hosts", {**NEW, "key": "{x}"}), "secret", "nope"),
    "key of hosts": (
        Try("/hosts/import", {**FILE, "environment": "dev", "key": "{x}"}),
        *("secret", "nope"),
    ),
    "environment of hosts": (
        Try("/hosts/import", {**FILE, "environment": "{x}"}),
        *("prod", "nope"),
    ),
    "hosts of a plan": (Try("/plans", {**WISH, "hosts": ["{x}"]}), "web-1", "nope-1"),
    "hosts of a rollout": (Try("/rollouts", {**WISH, "hosts": ["{x}"]}), "web-1", "nope-1"),
    "without": (Try("/plans", {**WISH, "hosts": ["dev-1"], "without": ["{x}"]}), "web-1", "nope-1"),
    "place": (Try("/rollouts/{rollout}/gone", {"place": "{x}"}), "web-1", "nope-1"),
    "key": (Try("/keys/{x}/environments", {"environment": "dev"}), "secret", "nope"),
    "server": (Try("/build-servers/{x}", {}), "secret-ci", "nope"),
    "server to check": (Try("/build-servers/{x}/checks", {}), "secret-ci", "nope"),
    "person": (Try("/users/{x}/password", {"password": "a long password"}), "dora", "nope"),
    "token": (Try("/tokens/{x}"), "{token}", "000000000000"),
}
METHODS = {"server of a service": "PATCH", "server": "PATCH", "token": "DELETE"} | dict.fromkeys(
    ("key of a host", "environment of a host"), "PATCH"
)


@made_once
def standing() -> tuple[dict[str, Any], dict[str, Any]]:
    """Numbers of what is mallory's, and of what is not."""
    make_company()
    root = person("root-person", is_superuser=True)
    person("dora")
    person("olga", ("viewer", "billing", ""))  # there is a grant
    with TemporaryDirectory() as folder:
        doors.open(packages=MemoryPackages(Path(folder)))
        root.post("/keys", {"name": "secret"})
        root.post("/build-servers", {"name": "secret-ci", "kind": "command"})
        mine, others = (_numbers(root, place) for place in (FOREIGN, OWN))
    others["token"] = mine["token"] = root.token.split("_")[1]
    return mine, others


@pytest.fixture
def numbers(
    world: tuple[dict[str, Any], dict[str, Any]], packages: MemoryPackages
) -> tuple[dict[str, Any], dict[str, Any]]:
    return world


@pytest.fixture(params=list(MALLORIES.values()), ids=list(MALLORIES))
def mallory(numbers: object, request: pytest.FixtureRequest) -> Person:
    return person("mallory", request.param)


def places_in(asked: Try) -> Iterator[str]:
    said = asked.path + str(asked.body)
    yield from (name for name in (*MISSING, *_COUNTED) if "{" + name + "}" in said)


_COUNTED = ("rollout", "target", "instance", "grant", "build", "run")


def test_the_writes_of_the_api_are_found() -> None:
    assert len(WRITES) > 40
    assert {"POST /hosts", "PATCH /services/{name}", "POST /locks"} <= WRITES.keys()


def test_what_is_hidden_answers_like_what_is_not_there(
    mallory: Person, numbers: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    mine, others = numbers
    told = []
    for endpoint, asked in WRITES.items():
        for place in places_in(asked):
            if not _is_hidden(mallory, place, others):
                continue
            missing = {**mine, place: MISSING.get(place, FREE)}
            answers = [
                _plain(mallory, endpoint, asked, {**mine, place: others[place]}, others[place]),
                _plain(mallory, endpoint, asked, missing, missing[place]),
            ]
            if answers[0] != answers[1]:
                told.append((endpoint, place, *answers))
    assert told == []


@pytest.mark.parametrize("name", NAMED)
def test_nor_does_anything_that_is_named_beside(
    mallory: Person, numbers: tuple[dict[str, Any], dict[str, Any]], name: str
) -> None:
    asked, hidden, missing = NAMED[name]
    if hidden in ("prod", "web-1") and not _is_hidden(mallory, "environment", numbers[1]):
        return
    endpoint = f"{METHODS.get(name, 'POST')} {asked.path}"
    hidden = hidden.format(**numbers[1])
    answers = [
        _plain(mallory, endpoint, asked, {**numbers[0], "x": each}, each)
        for each in (hidden, missing)
    ]
    assert answers[0] == answers[1]


def _is_hidden(who: Person, place: str, others: dict[str, Any]) -> bool:
    """Whether she sees it not: an admin of an environment sees all services, one of a service all
    environments."""
    actor = who.actor
    right = actor.rights[0]
    seen = {
        "service": not right.service,
        "environment": not right.environment,
        "host": not right.environment,
        "window": False,
        **dict.fromkeys(("build", "run"), not right.service),
    }
    return not seen.get(place, False)


def _plain(
    who: Person, endpoint: str, asked: Try, numbers: dict[str, Any], name: object
) -> tuple[int, str]:
    with transaction.atomic():
        answer = _send(who, endpoint, asked, numbers)
        transaction.set_rollback(True)
    said = _WHEN.sub("WHEN", answer.content.decode())
    return answer.status_code, said.replace(str(name), "NAME")
