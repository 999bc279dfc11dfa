"""A small company for the tests of the interfaces: two services, two environments, three hosts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from slipway.interfaces import doors
from slipway.interfaces.entrance.admission import BUCKETS
from slipway.interfaces.entrance.buckets import Rate
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.operations import services
from slipway.records.fleet.operations import environments, keys
from slipway.records.fleet.operations.hosts import add_host
from tests.fakes.packages import MemoryPackages
from tests.interfaces.people import Person, person
from tests.standing import around_its_tests, is_for_all


@pytest.fixture(autouse=True)
def patience(settings: Settings) -> Iterator[None]:
    """Nobody asks too often, and passwords are not hashed for the time that takes in life."""
    settings.SLIPWAY_RATES = (Rate(1e6, 10**6), Rate(1e6, 10**6))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    make_password("")  # reads the setting
    BUCKETS.clear()
    yield
    BUCKETS.clear()


@pytest.fixture
def packages(tmp_path: Path) -> MemoryPackages:
    """The store behind the doors."""
    store = MemoryPackages(tmp_path)
    doors.open(packages=store)
    return store


@pytest.fixture(scope="module")
def is_founded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[bool]:
    """Whether the company stands already: where all tests of a module ask for it."""
    if is_for_all(request, "company"):
        with around_its_tests(django_db_blocker, make_company):
            yield True
    else:
        yield False


@pytest.fixture
def company(is_founded: bool, db: None, packages: MemoryPackages) -> None:
    """Services billing and shop; web-1, web-2 in prod, dev-1 in dev."""
    if not is_founded:
        make_company()


def make_company() -> None:
    """Write the company down; for tests that have a database of their own kind."""
    now, system = timezone.now(), Actor.system()
    key = keys.generate_key(name="default", by=system, now=now)
    for name, order in (("dev", 10), ("prod", 30)):
        environment = environments.create_environment(name=name, order=order, by=system, now=now)
        hosts = {"dev": ("dev-1",), "prod": ("web-1", "web-2")}[name]
        for number, host in enumerate(hosts, start=1):
            add_host(
                name=host,
                address=f"10.0.{order}.{number}",
                environment=environment,
                key=key,
                labels={"rack": "a"},
                by=system,
                now=now,
            )
    for name in ("billing", "shop"):
        services.create_service(
            name=name,
            language="go",
            spec={"run": "./bin/app --port ${PORT}"},
            by=system,
            now=now,
        )


@pytest.fixture
def root(company: None) -> Person:
    """May everything."""
    return person("root-person", is_superuser=True)


@pytest.fixture
def alice(company: None) -> Person:
    """Deploys billing, everywhere."""
    return person("alice", ("deployer", "billing", ""))


@pytest.fixture
def bob(company: None) -> Person:
    """Is admin of billing, everywhere."""
    return person("bob", ("admin", "billing", ""))


@pytest.fixture
def charlie(company: None) -> Person:
    """Has an account and no right at all."""
    return person("charlie")


@pytest.fixture
def dora(company: None) -> Person:
    """Looks at billing, everywhere."""
    return person("dora", ("viewer", "billing", ""))
