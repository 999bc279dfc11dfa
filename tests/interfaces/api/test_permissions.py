"""Every endpoint × everybody × what is theirs and what is not, from one table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action, Role
from slipway.interfaces import api
from slipway.interfaces.api.frame.policy import EndpointPolicy, Over
from tests.interfaces.api.permission_table import (
    FOREIGN,
    GRANTS,
    LEAST,
    OWN,
    RANK,
    TABLE,
    Place,
    Try,
)
from tests.interfaces.archives import package
from tests.interfaces.people import Person, person
from tests.interfaces.releases import begin, drive, make_version

# Looked at elsewhere: one is for strangers, one is a stream.
APART = {"POST /login", "GET /rollouts/{id}/events"}


def endpoints() -> Iterator[tuple[str, EndpointPolicy | None]]:
    """Yield "METHOD /path" of every endpoint with its policy."""
    for prefix, room in api._ROOMS:
        for path, view in room.router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    policy = getattr(operation.view_func, "policy", None)
                    yield f"{method} {prefix}{path}", policy


POLICIES = dict(endpoints())


def test_every_endpoint_has_a_policy_and_a_line_in_the_table() -> None:
    assert [name for name, policy in POLICIES.items() if policy is None] == []
    assert POLICIES.keys() - APART == TABLE.keys()


def may(name: str, action: Action, service: str, environment: str) -> bool:
    """Say what the grants mean, once more and apart from the code that is tested."""
    looks = action is Action.VIEW
    return any(
        RANK[Role(role)] >= LEAST.get(action, 4)
        and (not on or on == service or (looks and not service))
        and (not where or where == environment or (looks and not environment))
        for role, on, where in GRANTS[name]
    )


def expected(name: str, policy: EndpointPolicy, attempt: Try, place: Place) -> str:
    """Return what `name` should get: through, forbidden, or hidden."""
    if policy.over is Over.ITSELF or policy.action is None:
        return "through"
    if policy.over is Over.EVERYTHING:
        return "through" if may(name, policy.action, "", "") else "forbidden"
    if "{" not in attempt.path + str(attempt.body):
        return "through"  # a list, from which things are left out
    seen = parts(place, attempt.sight or attempt.scope)
    if not attempt.makes and not may(name, Action.VIEW, *seen):
        return "hidden"
    service, environment = parts(place, attempt.scope)
    # A right in whichever environment is enough: there are these two.
    places = ("prod", "dev") if policy.over is Over.SOMEWHERE else (environment,)
    is_allowed = any(may(name, policy.action, service, where) for where in places)
    return "through" if is_allowed else "forbidden"


def parts(place: Place, scope: str) -> tuple[str, str]:
    """Return service and environment, "" for what is not in the scope."""
    service = place.service if scope != "environment" else ""
    return service, place.environment if scope != "service" else ""


def got(status: int) -> str:
    return {403: "forbidden", 404: "hidden", 401: "unknown"}.get(status, "through")


@dataclass
class World:
    """People, and the numbers of what there is in each place."""

    people: dict[str, Person]
    numbers: dict[Place, dict[str, Any]]


@pytest.fixture
def world(company: None) -> World:
    people = {
        name: person(name, *grants, is_superuser=name == "root") for name, grants in GRANTS.items()
    }
    root = people["root"]
    return World(people, {place: _numbers(root, place) for place in (OWN, FOREIGN)})


def _numbers(root: Person, place: Place) -> dict[str, Any]:
    make_version("1.0", place.service)
    upload = f"/services/{place.service}/versions?filename=b.tar.gz&version=real"
    assert root.upload(upload, package()).status_code == 201
    rollout = begin(
        RolloutKind.DEPLOY,
        "1.0",
        place.host,
        service=place.service,
        environment=place.environment,
    )
    drive(rollout)
    found = f"/instances?service={place.service}"
    window = {"from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
    at = f"/environments/{place.environment}/windows"
    return {
        "service": place.service,
        "environment": place.environment,
        "host": place.host,
        "rollout": rollout.pk,
        "target": root.get(f"/rollouts/{rollout.pk}").json()["targets"][0]["id"],
        "instance": root.get(found).json()["items"][0]["id"],
        "check": root.post("/checks", {"hosts": [place.host]}).json()["id"],
        "grant": root.get("/grants").json()["items"][0]["id"],
        "window": root.post(at, window).json()["id"],
        "holder": _holder(place),
        **_built(root, place),
    }


def _built(root: Person, place: Place) -> dict[str, Any]:
    """Have a build server, and something built by it."""
    root.post("/build-servers", {"name": "ci", "kind": "command"})
    by = {"build_server": "ci", "build_project": "/srv/app.git"}
    assert root.patch(f"/services/{place.service}", by).status_code == 200
    build = root.post(f"/services/{place.service}/builds", {"ref": "main"})
    rule = {"service": place.service, "environment": place.environment, "refs": ["main"]}
    assert root.post("/release-rules", rule).status_code == 200
    return {
        "build": build.json()["id"],
        "run": root.post("/retention/run", {"service": place.service}).json()["id"],
        "server_check": root.post("/build-servers/ci/checks", {}).json()["id"],
    }


def _holder(place: Place) -> str:
    """Make somebody who looks at the place's service, and from whom that can be taken."""
    return person(f"looks-at-{place.service}", ("viewer", place.service, "")).user.username


def filled(template: Any, numbers: dict[str, Any]) -> Any:
    if isinstance(template, dict):
        return {key: filled(value, numbers) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, numbers) for value in template]
    return template.format(**numbers) if isinstance(template, str) else template


@pytest.mark.once
@pytest.mark.long
def test_who_may_what(world: World) -> None:
    """All from one world: whatever an attempt does is taken back."""
    assert [(endpoint, *wrong) for endpoint in TABLE for wrong in _wrong(world, endpoint)] == []


def _wrong(world: World, endpoint: str) -> Iterator[tuple[Any, ...]]:
    """Yield who got something else than is theirs, where, and what."""
    attempt, policy = TABLE[endpoint], POLICIES[endpoint]
    assert policy is not None
    for place in (OWN, FOREIGN):
        for name, who in world.people.items():
            own_token = who.token.split("_")[1]
            numbers = {**world.numbers[place], "token": own_token}
            with transaction.atomic():
                answer = _send(who, endpoint, attempt, numbers)
                transaction.set_rollback(True)
            wanted = expected(name, policy, attempt, place)
            if got(answer.status_code) != wanted:
                yield name, place.service, wanted, answer.status_code, answer.content


def _send(who: Person, endpoint: str, attempt: Try, numbers: dict[str, Any]) -> Any:
    path = filled(attempt.path, numbers)
    if attempt.data is not None:
        return who.upload(path, attempt.data)
    body = filled(attempt.body, numbers)
    return who.ask(endpoint.split(maxsplit=1)[0], path, body)


@pytest.mark.parametrize(
    ("path", "foreign"),
    [
        ("/services", b'"shop"'),
        ("/instances", b'"shop"'),
        ("/rollouts", b'"shop"'),
        ("/locks", b'"shop"'),
        ("/audit", b'"shop"'),
        ("/builds", b'"shop"'),
        ("/release-rules", b'"shop"'),
        ("/retention?kept=true", b'"shop"'),
    ],
)
def test_a_list_leaves_out_what_one_may_not_see(world: World, path: str, foreign: bytes) -> None:
    root = world.people["root"]
    for service, environment in (("billing", "prod"), ("shop", "dev")):
        body = {"service": service, "environment": environment, "reason": "because"}
        assert root.post("/locks", body).status_code == 201
    assert foreign in root.get(path).content
    for name in ("charlie", "dora", "alice", "bob"):
        shown = world.people[name].get(path)
        assert shown.status_code == 200
        assert foreign not in shown.content
        assert (b'"billing"' in shown.content) is (name != "charlie")


@pytest.mark.parametrize(("path", "foreign"), [("/environments", "dev"), ("/hosts", "dev-1")])
def test_environments_and_their_hosts_are_seen_by_those_with_a_right_there(
    world: World, path: str, foreign: str
) -> None:
    def seen(name: str) -> set[str]:
        return {item["name"] for item in world.people[name].get(path).json()["items"]}

    assert seen("charlie") == set()
    assert foreign not in seen("wanda")
    assert foreign in seen("dora")


def test_a_check_of_hosts_is_refused_whole_when_one_of_them_is_foreign(world: World) -> None:
    wanda = world.people["wanda"]
    body = {"hosts": ["web-1", "dev-1"], "learn_key": True}
    assert wanda.post("/checks", body).status_code == 404
    assert wanda.post("/checks", {"hosts": ["web-1"], "learn_key": True}).status_code == 202


def test_a_token_may_less_than_its_owner(world: World) -> None:
    root = world.people["root"]
    body = {"name": "ci", "role": "deployer", "service": "billing", "expires": 60}
    ci = Person(root.user, root.post("/tokens", body).json()["token"])
    assert ci.get("/services/billing").status_code == 200
    assert ci.get("/services/shop").status_code == 404
    assert ci.patch("/services/billing", {}).status_code == 403
    assert ci.get("/users").status_code == 403
    assert ci.get("/doctor").status_code == 403


def test_a_right_that_is_taken_is_gone_at_once(world: World) -> None:
    root, alice = world.people["root"], world.people["alice"]
    assert alice.get("/services/billing").status_code == 200
    grants = root.get("/grants").json()["items"]
    number = next(grant["id"] for grant in grants if grant["user"] == "alice")
    assert root.delete(f"/grants/{number}").status_code == 200
    assert alice.get("/services/billing").status_code == 404
