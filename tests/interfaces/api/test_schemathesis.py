"""A thousand requests that nobody would write by hand: no 500, and no answer that is undeclared."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from slipway.core.words.kinds import RolloutKind
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, drive, make_version
from tests.kept_texts import KeptTexts

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EACH = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 4}
AT_LEAST = 1000
# Streams do not end while their rollout runs; they have tests of their own.
STREAM = "GET /api/v1/rollouts/{id}/events"
# Whoever is asked for by a name that exists gets further than to 404 and 422.
NAMES = {
    "/services": ("billing", "shop"),
    "/environments": ("prod", "dev"),
    "/hosts": ("web-1", "dev-1"),
    "/users": ("dora", "root-person"),
    "/keys": ("default", "none"),
    "/build-servers": ("ci", "idle"),
}
FIELDS: dict[str, tuple[Any, ...]] = {
    "service": ("billing", "shop"),
    "environment": ("prod", "dev"),
    "kind": ("restart", "upgrade", "deploy"),
    "version": ("1.1", "latest", None),
    "hosts": (["web-1"], ["web-1", "web-2"], []),
    "key": ("default",),
    "user": ("dora", "root"),
    "host": ("web-1",),
    "port": (8080, 0),
    "batches": ("1 50%", ""),
    "max_unavailable": ("1", ""),
    "failure_budget": ("10%", ""),
    "base": ("1.0", "1.1"),
    "head": ("1.1", "latest"),
    "ref": ("main", ""),
    "build_server": ("ci", ""),
}


def chosen(value: object, choices: tuple[Any, ...]) -> object:
    """Keep every third value as it was made up; put what exists in place of the others."""
    number = len(repr(value))
    return value if number % 3 == 0 else choices[number % len(choices)]


class Company:
    """Numbers of what there is, for paths."""

    def __init__(self, root: Person) -> None:
        make_version("1.0")
        rollout = begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2")
        drive(rollout)
        make_version("1.1")
        make_version("1.0", "shop")
        active = begin(RolloutKind.DEPLOY, "1.0", "dev-1", service="shop", environment="dev")
        self.rollouts = (rollout.pk, active.pk)
        shown = root.get(f"/rollouts/{rollout.pk}").json()
        self.targets = tuple(target["id"] for target in shown["targets"])
        self.instances = tuple(item["id"] for item in root.get("/instances").json()["items"])
        for name in ("ci", "idle"):
            root.post("/build-servers", {"name": name, "kind": "command"})
        root.patch("/services/billing", {"build_server": "ci", "build_project": "/srv/app.git"})
        asked = [root.post("/services/billing/builds", {"ref": ref}) for ref in ("main", "next")]
        self.builds = tuple(answer.json()["id"] for answer in asked)
        self.server_checks = (root.post("/build-servers/ci/checks", {}).json()["id"],)
        self.runs = (root.post("/retention/run", {"service": "billing"}).json()["id"],)
        root.post("/release-rules", {"service": "billing", "environment": "prod", "refs": ["*"]})
        window = {"from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
        self.windows = (root.post("/environments/prod/windows", window).json()["id"],)
        check = root.post("/checks", {"environment": "prod"}).json()["id"]
        self.checks = (check,)
        self.grants = tuple(item["id"] for item in root.get("/grants").json()["items"])

    def fill(self, case: Any) -> None:
        """Point a made-up request at things that exist."""
        for name, value in dict(case.path_parameters or {}).items():
            case.path_parameters[name] = chosen(value, self._choices(case.path, name))
        for part in (case.query, case.body):
            for name, value in dict(part).items() if isinstance(part, dict) else ():
                if name in FIELDS:
                    part[name] = chosen(value, FIELDS[name])

    def _choices(self, path: str, name: str) -> tuple[Any, ...]:
        if name == "version":
            return ("1.0", "latest")
        if name == "environment":
            return ("prod", "dev")
        if name == "window":
            return self.windows
        if name == "target":
            return self.targets
        if name == "prefix":
            return ("nobody",)
        kinds = {
            "/rollouts": self.rollouts,
            "/instances": self.instances,
            "/checks": self.checks,
            "/grants": self.grants,
            "/release-rules": ("billing",),
            "/retention": self.runs,
            "/builds": self.builds,
            "/build-servers/checks": self.server_checks,
            **NAMES,
        }
        return next(found for start, found in kinds.items() if path.startswith(f"/api/v1{start}"))


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests share the test's transaction, as they do with Django's own test client, which
    connects these signals again after each of its requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def document(root: Person) -> dict[str, Any]:
    answer = root.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_the_document_describes_every_way_to_be_refused(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            expected = {"400", "401", "403", "404", "409", "413", "415", "422", "429"}
            assert expected <= described["responses"].keys(), (method, path)
            is_public = path == "/api/v1/login"
            assert bool(described.get("security")) is not is_public, (method, path)


def operations(document: dict[str, Any]) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    schema.location = "/api/v1/openapi.json"
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if operation.label != STREAM:
            yield operation


@pytest.mark.postgresql
@pytest.mark.long
def test_no_request_gets_a_500_or_an_undeclared_answer(
    root: Person,
    dora: Person,
    document: dict[str, Any],
    settings: Settings,
    kept_texts: KeptTexts,
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    company = Company(root)
    answers: Counter[int] = Counter()
    for operation in operations(document):
        for mode, count in EACH.items():
            with one_connection(), transaction.atomic():
                try_out(operation, mode, count, company, root, answers)
                transaction.set_rollback(True)
    kept_texts.taken()  # it sends what it was answered, too: sentences of ours, as a reason say
    assert answers.total() >= AT_LEAST, answers
    good = sum(count for status, count in answers.items() if status < 300)
    assert good > answers.total() / 6, answers


def try_out(
    operation: Any,
    mode: GenerationMode,
    count: int,
    company: Company,
    root: Person,
    answers: Counter[int],
) -> None:
    """Send `count` requests that hypothesis makes up from the document."""

    @hypothesis_settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        company.fill(case)
        if case.body is NOT_SET and operation.body:
            return
        response = case.call(headers=root.headers)
        answers[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except Exception as error:
        if "Unsatisfiable" not in type(error).__name__:
            raise
