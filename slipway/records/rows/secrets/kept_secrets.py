"""All that the database keeps encrypted, whatever it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models
from django.db.models.functions import Cast

from slipway.core.words.sentence import Sentence
from slipway.records.rows.secrets.encrypted import EMPTY, EncryptedTextField, Unreadable, decrypted


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A column of a row that holds something encrypted."""

    row: models.Model
    field: EncryptedTextField
    kept: str

    @property
    def is_readable(self) -> bool:
        return not isinstance(decrypted(self.kept), Unreadable)

    def forget(self) -> bool:
        """Make it empty: it has to be given again. Not so, where it was given meanwhile."""
        return self._as_it_was().update(**{self.field.name: ""}) > 0

    def forget_row(self) -> bool:
        """Delete what is nothing without it."""
        return self._as_it_was().delete()[0] > 0

    def _as_it_was(self) -> "models.QuerySet[models.Model]":
        kept = _as_kept(self.field)
        rows = type(self.row)._base_manager.annotate(kept=kept)
        return rows.filter(pk=self.row.pk, kept=self.kept)

    @property
    def said(self) -> Sentence:
        """What it is and whose, as people call it."""
        name = str(self.row)
        match self.row._meta.model_name, self.field.name:
            case "service", _:
                return Sentence.of("hook_secret", "service {name}: hook secret", name=name)
            case "buildserver", "hook_secret":
                return Sentence.of("hook_secret", "build server {name}: hook secret", name=name)
            case "buildserver", _:
                return Sentence.of("credential", "build server {name}: credential", name=name)
            case "sshkey", _:
                return Sentence.of("private_key", "ssh key {name}: private key", name=name)
            case "keyprobe", _:
                return Sentence.of("key_probe", "probe of the key file")
        return Sentence.of("said", "{text}", text=self.code)

    @property
    def code(self) -> str:
        """What it is and whose, in the words of the database."""
        return f"{self.row._meta.model_name} {self.row}: {self.field.name}"

    def __str__(self) -> str:
        return self.said.english


def list_kept_secrets(*of: type[models.Model]) -> Iterator[KeptSecret]:
    """Yield them all, or those of these models. What has no table or no column yet keeps none."""
    tables = set(connection.introspection.table_names())
    for model in of or apps.get_models():
        fields = [f for f in model._meta.fields if isinstance(f, EncryptedTextField)]
        if fields and model._meta.db_table in tables:
            columns = _columns(model._meta.db_table)
            for field in fields:
                if field.column in columns:
                    yield from _in_column(model, field)


def _columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return {column.name for column in described}


def _in_column(model: type[models.Model], field: EncryptedTextField) -> Iterator[KeptSecret]:
    rows = model._base_manager.annotate(kept=_as_kept(field)).exclude(kept=None).exclude(kept="")
    rows = rows.exclude(kept__startswith=EMPTY)
    # Nothing but what is needed: the table may be that of an older release, which knows less.
    for row in rows.only("pk").order_by("pk"):
        yield KeptSecret(row, field, row.kept)  # type: ignore[attr-defined]


def _as_kept(field: EncryptedTextField) -> Cast:
    """Return what is in the column as it is, not as the field reads it."""
    return Cast(field.name, models.TextField())
