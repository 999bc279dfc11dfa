"""An environment that one may not see answers as one that is not there: nobody learns its name."""

import re

import pytest
from django.test import Client

from slipway.core.words.roles import Role
from tests.records.people import person, user_of
from tests.records.world import World

pytestmark = pytest.mark.django_db

FORMS = (
    "/services/billing/lock",
    "/services/billing/unlock",
    "/services/billing/versions/1.0/withdraw",
    "/services/billing/versions/1.0/clear",
    "/services/billing/rules",
)


@pytest.fixture
def mallory() -> Client:
    """Admin of dev, and of nothing else; there is a prod, too."""
    world = World(hosts=1)
    world.make_environment("dev")
    world.version("1.0")
    client = Client()
    client.force_login(user_of(person("mallory", (Role.ADMIN, "", "dev"))))
    return client


@pytest.mark.parametrize("path", FORMS)
def test_a_form_does_not_tell_whether_it_is_there(mallory: Client, path: str) -> None:
    said = {"reason": "to see", "refs": "main"}
    hidden, missing = (
        mallory.post(path, {"environment": name, **said}) for name in ("prod", "nope")
    )
    assert hidden.status_code == missing.status_code == 404
    assert plain(hidden.content, "prod") == plain(missing.content, "nope")


def test_nor_does_the_form_of_a_rollout(mallory: Client) -> None:
    hidden, missing = (
        mallory.get("/rollouts/new", {"service": "billing", "environment": name})
        for name in ("prod", "nope")
    )
    assert hidden.status_code == missing.status_code
    assert plain(hidden.content, "prod") == plain(missing.content, "nope")


@pytest.mark.parametrize("path", ["environments/{}", "hosts?environment={}"])
def test_nor_does_the_api(mallory: Client, path: str) -> None:
    hidden, missing = (mallory.get("/api/v1/" + path.format(name)) for name in ("prod", "nope"))
    assert hidden.status_code == missing.status_code == 404
    assert plain(hidden.content, "prod") == plain(missing.content, "nope")


def plain(content: bytes, name: str) -> bytes:
    """What was answered, without what is new in every answer and the name itself."""
    text = re.sub(rb'(csrfmiddlewaretoken" value|nonce|data-csrf)="[^"]*"', b"", content)
    return text.replace(name.encode(), b"NAME")
