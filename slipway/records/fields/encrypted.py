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


class EncryptedTextField(_TextField):
    """Encrypts on the way in with the newest of `settings.SLIPWAY_KEYS`, reads with any of them.

    Without a key nothing is written or read: there is no plain text to fall back to.
    """

    description = "Encrypted text"

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        plain = self.get_prep_value(value)
        return None if plain is None else cipher().encrypt(str(plain).encode()).decode()

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        if value is None:
            return None
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A secret in the database cannot be read with the keys in SLIPWAY_KEYS: "
                "put the key back that it was written with."
            ) from error

    def get_lookup(self, lookup_name: str) -> Any:
        # The same text is encrypted differently each time: comparing would never find anything.
        if lookup_name != "isnull":
            raise FieldError("encrypted text cannot be searched for")
        return super().get_lookup(lookup_name)


def cipher() -> MultiFernet:
    """Return what encrypts and decrypts. Raises ImproperlyConfigured without a usable key."""
    return _cipher(tuple(getattr(settings, "SLIPWAY_KEYS", None) or ()))


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("SLIPWAY_KEYS is empty: secrets can be neither kept nor read.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("SLIPWAY_KEYS holds something that is no Fernet key.") from error
