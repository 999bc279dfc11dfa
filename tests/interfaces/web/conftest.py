"""Browsers of the people of the company, without a window: Django's test clients."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import BuildServer
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.building import build_with_gitlab
from tests.standing import around_its_tests, is_for_all

V1, V2 = "20261120T101502-main-1111111", "20261123T101502-main-2222222"
Visit = Callable[[Person], Client]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Return the browser of somebody who is signed in. The language of the last page that was seen
    is that of its test alone."""

    def _visit(who: Person) -> Client:
        client = Client()
        client.force_login(who.user)
        return client

    yield _visit
    translation.deactivate()


@pytest.fixture
def admin(company: None) -> Person:
    """May everything in every service, and has no more rights than that."""
    return person("anna", ("admin", "", ""))


@pytest.fixture(scope="module")
def is_alive(
    request: pytest.FixtureRequest, is_founded: bool, django_db_blocker: DjangoDbBlocker
) -> Iterator[bool]:
    """Whether it lives already: where all tests of a module ask for that."""
    if is_founded and is_for_all(request, "living"):
        with around_its_tests(django_db_blocker, make_living):
            yield True
    else:
        yield False


@pytest.fixture
def living(is_alive: bool, company: None) -> None:
    """billing runs V1 on web-1 and web-2 in prod, port 8080; V2 is ready."""
    if not is_alive:
        make_living()


def make_living() -> None:
    fleet.reach_hosts("web-1", "web-2", "dev-1")
    fleet.make_version("billing", V1)
    fleet.make_version("billing", V2)
    fleet.make_version("shop", V1)
    fleet.run(Actor.system(), "deploy", "billing", "prod", V1, hosts=("web-1", "web-2"), port=8080)


@pytest.fixture
def gitlab(living: None) -> BuildServer:
    """A GitLab that builds billing, which runs V1 in prod."""
    return build_with_gitlab("billing")
