"""With another key file than the database's everything is told, and only what needs it is lost."""

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from slipway.interfaces.doctor.findings import findings
from slipway.records.catalog.models import Service
from slipway.records.fleet import queries
from tests.interfaces.people import Person


@pytest.fixture
def lost(company: None, root: Person, settings: Settings) -> Person:
    """An admin, while the keys are another database's."""
    Service.objects.filter(name="billing").update(hook_secret="secret-of-billing")
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]
    return root


def test_the_doctor_names_one_of_each_kind(lost: Person) -> None:
    keys = next(each for each in findings(timezone.now()) if each.code == "keys")
    assert not keys.ok
    assert "ssh key default: private key" in keys.said.english
    assert "service billing: hook secret" in keys.said.english


def test_no_page_and_no_answer_breaks(lost: Person) -> None:
    browser = Client()
    browser.force_login(lost.user)
    for path in ("/", "/services/billing", "/hosts", "/hosts/web-1", "/build-servers"):
        assert browser.get(path).status_code < 500, path
    for path in ("/services", "/services/billing", "/hosts/web-1", "/keys", "/doctor"):
        assert lost.get(path).status_code < 500, path


def test_a_check_and_a_restart_are_taken(lost: Person) -> None:
    assert lost.post("/checks", {"hosts": ["web-1"]}).status_code == 202
    wish = {"kind": "restart", "service": "billing", "environment": "prod"}
    assert lost.post("/rollouts", wish).status_code < 500


def test_whoever_connects_has_no_key_rather_than_an_error(lost: Person) -> None:
    assert queries.get_access(queries.get_host("web-1")).private_key == ""
