"""Django's admin shows everything but secrets, to superusers, and changes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from pytest_django import Settings

from slipway.core.words.roles import Role
from slipway.project.environment import Surroundings
from slipway.records.accounts.models import Token
from slipway.records.accounts.operations import tokens
from slipway.records.fleet.models import SshKey
from slipway.records.rows.secrets.encrypted import EncryptedTextField
from tests.records.people import NOW, alice, person, user_of
from tests.records.world import World

ROOMS = ("accounts", "audit", "catalog", "fleet", "rollouts")
SECRETS = ("password", "digest", "private_key", "answer")

pytestmark = pytest.mark.django_db


def own_models() -> Iterator[type[Model]]:
    for room in ROOMS:
        yield from apps.get_app_config(room).get_models()


@pytest.fixture
def root() -> Client:
    client = Client()
    user = user_of(person("root", superuser=True))
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def test_every_model_is_there_and_only_shown() -> None:
    request = RequestFactory().get("/admin/")
    request.user = user_of(person("root", superuser=True))
    for model in own_models():
        page = admin.site._registry[model]
        assert page.has_view_permission(request)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)


def test_nobody_else_is_shown_anything() -> None:
    request = RequestFactory().get("/admin/")
    request.user = user_of(alice())
    request.user.is_staff = True
    assert not any(
        admin.site._registry[model].has_view_permission(request) for model in own_models()
    )


def test_no_page_shows_a_secret() -> None:
    request = RequestFactory().get("/admin/")
    request.user = user_of(person("root", superuser=True))
    for model in own_models():
        page = admin.site._registry[model]
        shown = set(page.get_fields(request)) | {str(each) for each in page.list_display}
        assert not shown & set(SECRETS), model
        encrypted = {f.name for f in model._meta.fields if isinstance(f, EncryptedTextField)}
        assert not shown & encrypted, model


@pytest.mark.parametrize(
    "address", ["/admin/fleet/sshkey/", "/admin/accounts/user/", "/admin/jsi18n/"]
)
def test_they_are_off_unless_switched_on(root: Client, address: str) -> None:
    assert root.get(address).status_code == 404
    answer = root.get("/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/people")
    assert "/admin/" not in root.get("/me").content.decode()


@pytest.mark.parametrize(("said", "is_on"), [("", False), ("0", False), ("1", True)])
def test_a_setting_switches_them_on(
    monkeypatch: pytest.MonkeyPatch, said: str, is_on: bool
) -> None:
    monkeypatch.setenv("SLIPWAY_ADMIN", said)
    assert Surroundings.read().admin_pages is is_on


@pytest.mark.urls("tests.records.admin_pages")
def test_where_they_are_on_superusers_are_led_there_and_nobody_else(
    root: Client, settings: Settings
) -> None:
    settings.SLIPWAY_ADMIN = True
    assert 'href="/admin/"' in root.get("/me").content.decode()
    other = Client()
    other.force_login(user_of(person("anna", (Role.ADMIN, "", ""))))
    assert "/admin/" not in other.get("/me").content.decode()
    assert other.get("/admin/").status_code == 302


@pytest.mark.urls("tests.records.admin_pages")
def test_the_pages_open_and_keep_quiet(root: Client) -> None:
    world = World(hosts=1)
    world.run("deploy", world.version("1.0"))
    _, text = tokens.create_token(
        user=user_of(alice()), name="ci", role="viewer", service="", environment="",
        expires_in=timedelta(days=90),
        by=alice(), now=NOW,
    )  # fmt: skip
    pages = {
        f"/admin/fleet/sshkey/{SshKey.objects.get().pk}/change/": "PRIVATE KEY",
        f"/admin/accounts/token/{Token.objects.get().pk}/change/": Token.objects.get().digest,
        "/admin/rollouts/rollout/": text,
        "/admin/audit/event/": text,
    }
    for address, secret in pages.items():
        answer = root.get(address)
        assert answer.status_code == 200, address
        assert secret not in answer.content.decode()
