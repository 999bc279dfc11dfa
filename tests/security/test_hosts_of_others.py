"""A host of an environment in which one has no right at all is nowhere listed, and answers like one
that is not there, whatever is asked of it."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from slipway.core.words.roles import Role
from slipway.interfaces import api
from slipway.interfaces.web.urls import urlpatterns
from tests.records.people import person, user_of
from tests.records.world import World
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MINE, HIDDEN, MISSING = "own-1", "web-1", "web-2"
NARROW = {
    "of the environment": (Role.ADMIN, "", "dev"),
    "of a service there": (Role.DEPLOYER, "billing", "dev"),
    "who looks at one": (Role.VIEWER, "billing", "dev"),
}
PAGES = ("/", "/hosts", "/find?q=1", "/services", "/services/billing", "/rollouts", "/audit")
LISTS = ("hosts", "instances", "rollouts", "audit", "environments", "services/billing/running")
BODIES: dict[str, Any] = {"maintenance": {"on": True}, "": {"labels": {}}}
ABOUT_A_HOST = ("/hosts?search={}", "/audit?host={}", "/find?q={}")
ASKED_OF_THE_API = ("hosts?search={}", "instances?host={}", "audit?host={}")


@made_once
def standing() -> World:
    """billing runs on web-1, which is of prod; own-1 is of dev."""
    world = World(hosts=1)
    world.make_host(MINE, world.make_environment("dev"))
    world.run("deploy", world.version("1.0"), HIDDEN)
    return world


@pytest.fixture(params=list(NARROW.values()), ids=list(NARROW))
def mallory(world: World, request: pytest.FixtureRequest) -> Client:
    """May do something in dev, and nothing in prod."""
    client = Client()
    client.force_login(user_of(person("mallory", request.param)))
    return client


@pytest.mark.parametrize("path", [*PAGES, *(f"/api/v1/{each}" for each in LISTS)])
def test_it_is_nowhere_listed(mallory: Client, path: str) -> None:
    answer = mallory.get(path)
    assert answer.status_code == 200
    assert HIDDEN not in answer.content.decode()
    assert "192.0.2.10" not in answer.content.decode()  # its address


def test_whoever_has_a_right_there_sees_it(world: World) -> None:
    client = Client()
    client.force_login(user_of(person("penny", (Role.VIEWER, "billing", "prod"))))
    for path in ("/hosts", "/api/v1/hosts"):
        seen = client.get(path).content.decode()
        assert HIDDEN in seen
        assert MINE not in seen


def pages_of_a_host() -> list[str]:
    paths = (str(each.pattern) for each in urlpatterns)
    return [f"/{path}" for path in paths if path.startswith("hosts/<str:name>")]


def endpoints_of_a_host() -> list[tuple[str, str]]:
    return [
        (method, f"/api/v1{prefix}{path}")
        for prefix, room in api._ROOMS
        for path, view in room.router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if f"{prefix}{path}".startswith("/hosts/{name}")
    ]


@pytest.mark.usefixtures("world")
def test_the_addresses_of_hosts_are_found() -> None:
    assert "/hosts/<str:name>/maintenance" in pages_of_a_host()
    assert ("DELETE", "/api/v1/hosts/{name}") in endpoints_of_a_host()


@pytest.mark.parametrize("path", pages_of_a_host())
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_page_tells_whether_it_is_there(mallory: Client, path: str, method: str) -> None:
    alike(mallory, method, path.replace("<str:name>", "{}"))


@pytest.mark.parametrize("path", ABOUT_A_HOST)
def test_no_search_does(mallory: Client, path: str) -> None:
    alike(mallory, "GET", path)


@pytest.mark.parametrize(("method", "path"), endpoints_of_a_host())
def test_no_endpoint_does(mallory: Client, method: str, path: str) -> None:
    alike(mallory, method, path.replace("{name}", "{}"), BODIES.get(path.rpartition("}")[2][1:]))


@pytest.mark.parametrize("path", ASKED_OF_THE_API)
def test_no_list_does(mallory: Client, path: str) -> None:
    alike(mallory, "GET", f"/api/v1/{path}")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("checks", {"hosts": ["{}"]}),
        ("plans", {"kind": "deploy", "version": "1.0", "hosts": ["{}"], "port": 8080}),
        ("plans", {"kind": "upgrade", "version": "1.0", "hosts": ["{}"]}),
        ("plans", {"kind": "upgrade", "version": "1.0", "without": ["{}"]}),
        ("rollouts", {"kind": "deploy", "version": "1.0", "hosts": ["{}"], "port": 8080}),
    ],
)
def test_nothing_that_names_it_does(mallory: Client, path: str, body: dict[str, Any]) -> None:
    if path != "checks":
        body = {"service": "billing", "environment": "dev", **body}
    alike(mallory, "POST", f"/api/v1/{path}", body)


def test_a_check_of_it_is_none(world: World, mallory: Client) -> None:
    root = Client()
    root.force_login(user_of(person("root", superuser=True)))
    asked = root.generic(
        "POST", "/api/v1/checks", json.dumps({"hosts": [HIDDEN]}), content_type="application/json"
    )
    hidden = mallory.get(f"/api/v1/checks/{asked.json()['id']}")
    missing = mallory.get("/api/v1/checks/00000000-0000-4000-8000-000000000000")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)


def alike(client: Client, method: str, path: str, body: Any = None) -> None:
    hidden, missing = (_answer(client, method, path, body, name) for name in (HIDDEN, MISSING))
    assert hidden == missing


def _answer(client: Client, method: str, path: str, body: Any, name: str) -> tuple[int, str]:
    sent = json.dumps(body or {}).replace("{}", name) if path.startswith("/api/") else ""
    answer = client.generic(method, path.format(name), sent, content_type="application/json")
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", answer.content.decode())
    # What our own documents say of a word says nothing of hosts.
    text = re.sub(r"<li\b(?:(?!</li>).)*?/docs\?.*?</li>", "", text, flags=re.DOTALL)
    return answer.status_code, text.replace(name, "NAME")
