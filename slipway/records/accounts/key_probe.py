"""The probe of the key file: what is always there to be read with the keys of this database."""

from collections.abc import Iterator

from cryptography.fernet import Fernet
from django.db import connection

from slipway.records.accounts.models import KeyProbe, User
from slipway.records.rows.secrets.kept_secrets import KeptSecret, list_kept_secrets


def is_database_of_ours() -> bool:
    """Whether the database has been made: whoever uses it stands in it."""
    return _has_table(User._meta.db_table)


def keep_probe() -> None:
    """So that the next key file is compared even where nothing else is encrypted yet."""
    if _has_table(KeyProbe._meta.db_table):
        KeyProbe.objects.get_or_create(pk=1, defaults={"text": Fernet.generate_key().decode()})


def list_probes() -> Iterator[KeptSecret]:
    return list_kept_secrets(KeyProbe)


def is_probe(secret: KeptSecret) -> bool:
    return isinstance(secret.row, KeyProbe)


def _has_table(name: str) -> bool:
    return name in connection.introspection.table_names()
