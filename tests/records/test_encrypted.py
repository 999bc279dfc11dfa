"""Secrets are unreadable in the database, and nothing is kept without a key."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from slipway.records.fleet.models import SshKey
from slipway.records.fleet.operations import encrypt_anew
from tests.records.people import NOW

pytestmark = pytest.mark.django_db

SECRET = "-----BEGIN OPENSSH PRIVATE KEY----- Alice's"


def a_key() -> SshKey:
    return SshKey.objects.create(
        name="default", private_key=SECRET, public_key="ssh-ed25519 A", created_at=NOW
    )


def raw_column(key: SshKey) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM fleet_sshkey WHERE id = %s", [key.pk])
        return str(cursor.fetchone()[0])


def test_the_raw_column_does_not_hold_the_secret() -> None:
    key = a_key()
    assert "Alice" not in raw_column(key)
    assert "BEGIN" not in raw_column(key)
    assert SshKey.objects.get(pk=key.pk).private_key == SECRET


def test_the_same_secret_is_encrypted_differently_each_time() -> None:
    key = a_key()
    first = raw_column(key)
    key.save()
    assert raw_column(key) != first


def test_an_update_and_a_bulk_insert_encrypt_as_well() -> None:
    key = a_key()
    SshKey.objects.filter(pk=key.pk).update(private_key="other secret")
    assert "other secret" not in raw_column(key)
    assert SshKey.objects.get(pk=key.pk).private_key == "other secret"


def test_an_older_key_still_reads_what_it_wrote(settings: pytest.FixtureRequest) -> None:
    key = a_key()
    newest = Fernet.generate_key().decode()
    settings.SLIPWAY_KEYS = [newest, *settings.SLIPWAY_KEYS]  # type: ignore[attr-defined]
    assert SshKey.objects.get(pk=key.pk).private_key == SECRET


def test_after_encrypting_anew_the_older_key_may_go(settings: pytest.FixtureRequest) -> None:
    key = a_key()
    newest = Fernet.generate_key().decode()
    settings.SLIPWAY_KEYS = [newest, *settings.SLIPWAY_KEYS]  # type: ignore[attr-defined]
    assert encrypt_anew() == 1
    settings.SLIPWAY_KEYS = [newest]  # type: ignore[attr-defined]
    assert SshKey.objects.get(pk=key.pk).private_key == SECRET


def test_another_key_reads_nothing(settings: pytest.FixtureRequest) -> None:
    key = a_key()
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match="put the key back"):
        SshKey.objects.get(pk=key.pk)


@pytest.mark.parametrize("keys", [[], None, ["no key at all"]])
def test_without_a_usable_key_nothing_is_written(
    settings: pytest.FixtureRequest, keys: list[str] | None
) -> None:
    settings.SLIPWAY_KEYS = keys  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured):
        a_key()


def test_a_secret_cannot_be_searched_for() -> None:
    with pytest.raises(FieldError):
        SshKey.objects.filter(private_key=SECRET).exists()
