"""There is one way in: it counts who guesses, and tells it."""

import pytest
from django.test import Client

from tests.records.people import PASSWORD, alice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "instead"),
    [("/admin/login/", "/login"), ("/admin/password_change/", "/me")],
)
def test_what_the_library_brings_leads_to_ours(path: str, instead: str) -> None:
    client, person = Client(), alice().user
    assert person is not None
    client.force_login(person)
    for answer in (client.get(path), client.post(path, {"username": "x", "password": PASSWORD})):
        assert (answer.status_code, answer.headers["Location"]) == (302, instead)
