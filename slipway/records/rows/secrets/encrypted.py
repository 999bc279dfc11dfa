"""A text column whose content is encrypted with a key that is not in the database."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# The stubs know what a text field takes and gives; at run time the class has no such arguments.
if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


IN_DUMPS = "encrypted:"  # before what a dump holds
# How what was encrypted at second 0 begins: an empty text, by our agreement. Who has the key reads
# nothing, also a process of an older release; who has lost it sees that nothing is lost.
EMPTY = "gAAAAAAAAAAA"


class Unreadable(str):
    """Stands for a secret that our keys do not read: nothing, and what is kept stays as it is."""

    __slots__ = ("kept",)
    kept: str

    @classmethod
    def of(cls, kept: str) -> "Unreadable":
        nothing = cls("")
        nothing.kept = kept
        return nothing


class EncryptedTextField(_TextField):
    """Encrypts on the way in with the newest of `settings.SLIPWAY_KEYS`, reads with any of them.

    Without a key nothing is written or read: there is no plain text to fall back to. What is empty
    is no secret, and is known as such also without the key.
    """

    description = "Encrypted text"

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        plain = self.get_prep_value(value)
        return None if plain is None else encrypted(plain)

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return None if value is None else decrypted(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Return what a dump may hold."""
        value = self.value_from_object(obj)
        return IN_DUMPS + encrypted(value) if value or isinstance(value, Unreadable) else ""

    def get_prep_value(self, value: Any) -> Any:
        # Not by to_python, as Django does: what a person typed is never what a dump holds.
        return super().to_python(models.Field.get_prep_value(self, value))

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        text = super().to_python(value)
        self.validate(text, model_instance)
        self.run_validators(text)
        return text

    def to_python(self, value: Any) -> Any:
        """Read what a dump holds: Django asks for it when it loads one."""
        is_dumped = isinstance(value, str) and value.startswith(IN_DUMPS)
        return decrypted(value.removeprefix(IN_DUMPS)) if is_dumped else super().to_python(value)

    def get_lookup(self, lookup_name: str) -> Any:
        # The same text is encrypted differently each time: comparing would never find anything.
        if lookup_name != "isnull":
            raise FieldError("encrypted text cannot be searched for")
        return super().get_lookup(lookup_name)


def encrypted(plain: str) -> str:
    """Return what the database keeps of a secret."""
    if isinstance(plain, Unreadable):
        return plain.kept
    if not plain:
        return cipher().encrypt_at_time(b"", 0).decode()
    return cipher().encrypt(plain.encode()).decode()


def decrypted(kept: str) -> str:
    """Return the secret; an Unreadable where our keys do not read it."""
    if not kept or kept.startswith(EMPTY):
        return ""
    try:
        return cipher().decrypt(kept.encode()).decode()
    except InvalidToken:
        return Unreadable.of(kept)


def cipher() -> MultiFernet:
    """Return what encrypts and decrypts. Raises ImproperlyConfigured without a usable key."""
    return _cipher(tuple(getattr(settings, "SLIPWAY_KEYS", None) or ()))


def is_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("SLIPWAY_KEYS is empty: secrets can be neither kept nor read.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("SLIPWAY_KEYS holds something that is no Fernet key.") from error
