"""What builds were given before variables were declared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from pytest_django import Settings
from structlog.testing import capture_logs

from slipway.records.accounts.rights import Actor
from slipway.records.builds.operations.builds import request_build
from slipway.records.catalog.models import Build, Service
from slipway.records.catalog.operations.servers import create_server
from slipway.records.catalog.operations.services import change_service, create_service

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("gitlab", {"variables": {"TARGET": "linux"}, "accepts": ["CC", "CHANNEL"]}),
        ("jenkins", {"variables": {"TARGET": "linux"}, "accepts": ["CC", "CHANNEL"]}),
        ("command", {"variables": {"TARGET": "linux"}}),
    ],
)
def test_what_builds_elsewhere_were_given_is_declared_and_not_what_commands_were(
    kind: str, declared: Mapping[str, object]
) -> None:
    service = a_service(kind, {"CC": "x", "TARGET": "a", "CHANNEL": "b"})
    declare()
    service.refresh_from_db()
    assert service.build == declared


@pytest.mark.django_db
def test_names_above_the_most_are_told() -> None:
    service = a_service("gitlab", {f"NAME_{number:02}": "x" for number in range(66)})
    with capture_logs() as logs:
        declare()
    service.refresh_from_db()
    assert service.build["accepts"] == [f"NAME_{number:02}" for number in range(64)]
    told = {"service": "billing", "names": ["NAME_64", "NAME_65"]}
    assert told.items() <= logs[0].items()


@pytest.mark.django_db
def test_no_secret_is_read_to_declare(settings: Settings) -> None:
    service = a_service("gitlab", {"CC": "x"})
    Service.objects.update(hook_secret="secret")
    settings.SLIPWAY_KEYS = []
    declare()
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]
    service.refresh_from_db()
    assert service.build["accepts"] == ["CC"]


def declare() -> None:
    import_module("slipway.records.catalog.migrations.0007_declared_variables").declare(apps, None)


def a_service(kind: str, given: Mapping[str, str]) -> Service:
    by = Actor.system()
    create_server(name="ci", kind=kind, base_url="https://ci.example.com", by=by, now=NOW)
    service = create_service(name="billing", by=by, now=NOW)
    change_service(
        service=service,
        changes={
            "build_server": "ci",
            "build_project": "https://ci.example.com/billing",
            "build": {"variables": {"TARGET": "linux"}},
        },
        by=by,
        now=NOW,
    )
    build = request_build(service=service, by=by, now=NOW)
    Build.objects.filter(pk=build.pk).update(variables=given)
    return service
