"""Secrets are unreadable in the database, and nothing is kept without a key."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.core.serializers import deserialize, serialize
from django.db import connection

from slipway.project.installation import key_file
from slipway.records.fleet.models import SshKey
from slipway.records.rows.secrets.encrypted import Unreadable, cipher, decrypted, encrypted
from slipway.records.rows.secrets.kept_secrets import list_kept_secrets
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


def test_another_key_reads_nothing(settings: pytest.FixtureRequest) -> None:
    key = a_key()
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    read = SshKey.objects.get(pk=key.pk)
    assert (read.private_key, isinstance(read.private_key, Unreadable)) == ("", True)


def test_what_is_not_read_stays_as_it_is(settings: pytest.FixtureRequest) -> None:
    key, ours = a_key(), list(settings.SLIPWAY_KEYS)  # type: ignore[attr-defined]
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    SshKey.objects.get(pk=key.pk).save()
    settings.SLIPWAY_KEYS = ours  # type: ignore[attr-defined]
    assert SshKey.objects.get(pk=key.pk).private_key == SECRET


def test_what_is_empty_is_read_by_a_process_of_the_release_before() -> None:
    key = a_key()
    SshKey.objects.filter(pk=key.pk).update(private_key="")
    assert cipher().decrypt(raw_column(key).encode()) == b""  # all that the former one does
    assert type(SshKey.objects.get(pk=key.pk).private_key) is str


@pytest.mark.parametrize("kept", ["as we keep it", "not encrypted"])
def test_what_is_empty_is_not_lost_with_its_key(settings: pytest.FixtureRequest, kept: str) -> None:
    key = a_key()
    keep_raw(encrypted("") if kept == "as we keep it" else "")
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    assert type(SshKey.objects.get(pk=key.pk).private_key) is str
    assert [secret for secret in list_kept_secrets() if not secret.is_readable] == []


def test_an_encrypted_nothing_of_before_stays_as_it_is_and_is_lost_with_its_key(
    settings: pytest.FixtureRequest,
) -> None:
    key, nothing = a_key(), cipher().encrypt(b"").decode()
    keep_raw(nothing)
    key_file.settle()
    assert raw_column(key) == nothing  # a process of the release before may be reading it
    assert SshKey.objects.get(pk=key.pk).private_key == ""
    settings.SLIPWAY_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    assert isinstance(SshKey.objects.get(pk=key.pk).private_key, Unreadable)


def test_what_was_given_again_meanwhile_is_not_forgotten() -> None:
    key, other = a_key(), a_key_of_another()
    found = {secret.row.pk: secret for secret in list_kept_secrets(SshKey)}
    SshKey.objects.filter(pk=key.pk).update(private_key="given again")
    assert (found[key.pk].forget(), found[other.pk].forget()) == (False, True)
    assert not found[key.pk].forget_row()
    assert SshKey.objects.get(pk=key.pk).private_key == "given again"
    assert SshKey.objects.get(pk=other.pk).private_key == ""


def a_key_of_another() -> SshKey:
    return SshKey.objects.create(
        name="other", private_key=SECRET, public_key="ssh-ed25519 B", created_at=NOW
    )


def keep_raw(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fleet_sshkey SET private_key = %s", [text])


def test_a_dump_holds_no_clear_secret_and_is_read_back() -> None:
    key = a_key()
    dumped = serialize("json", SshKey.objects.all())
    assert "BEGIN" not in dumped
    key.delete()
    for found in deserialize("json", dumped):
        found.save()
    assert SshKey.objects.get().private_key == SECRET


@pytest.mark.parametrize("is_of_another", [False, True])
def test_what_is_typed_like_a_dump_is_a_secret_as_any(is_of_another: bool) -> None:
    other = encrypted("of another")
    typed = f"encrypted:{other if is_of_another else 'abc'}"
    key = SshKey(name="typed", private_key=typed, public_key="ssh-ed25519 A", created_at=NOW)
    key.full_clean(exclude=["created_by"])
    key.save()
    assert raw_column(key) not in (other, "abc")
    assert decrypted(raw_column(key)) == typed
    SshKey.objects.filter(pk=key.pk).update(private_key=typed)
    assert SshKey.objects.get(pk=key.pk).private_key == typed


def test_a_file_of_dumpdata_is_loaded_and_what_was_typed_like_one_too(tmp_path: Path) -> None:
    key = a_key()
    SshKey.objects.filter(pk=key.pk).update(private_key="encrypted:abc")
    dump = tmp_path / "dump.json"
    call_command("dumpdata", "fleet.sshkey", output=str(dump), verbosity=0)
    assert "encrypted:abc" not in dump.read_text()
    key.delete()
    call_command("loaddata", str(dump), verbosity=0)
    assert SshKey.objects.get().private_key == "encrypted:abc"


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
