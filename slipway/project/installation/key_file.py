"""The key file and the database belong together: seen to before anything is started."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, transaction
from django.utils import timezone

from slipway.project.environment import CannotStart, user_name
from slipway.project.installation.own_files import keys_in, new_key, secret_from
from slipway.records.accounts.key_probe import (
    is_database_of_ours,
    is_probe,
    keep_probe,
    list_probes,
)
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.rows.database.outages import is_away
from slipway.records.rows.secrets.encrypted import cipher, is_key
from slipway.records.rows.secrets.kept_secrets import KeptSecret, list_kept_secrets

NAMED = 5
PEOPLE_FROM = 1000  # numbers of users; those below are services

log = structlog.get_logger()


class WrongKeys(CannotStart):
    """The key file is not that of the database, or cannot be used; says what to do."""


def settle() -> None:
    """Make the key file of a new installation, or see that this one reads the database.

    Raises WrongKeys. A database that is away concludes nothing about a key file that is there.
    """
    path = settings.DATA / "keys"
    try:
        secrets = list(list_kept_secrets())
    except OperationalError as error:
        if not is_away(error):
            raise
        if not path.exists():
            raise WrongKeys(
                f"There is no key file {path}, and the database does not answer ({error}):\n"
                "without it nobody knows whether a new one may be made. Start the database first."
            ) from error
        log.warning("keys_not_compared", error=str(error))
        return
    _have_keys(path, secrets)
    _check_readable(path, secrets)
    keep_probe()
    # Another first start, on another data folder, may have been faster.
    _check_readable(path, list_probes())


def forget() -> list[str]:
    """Empty what no key reads, and go on with a key file that may be new; returns what it was.

    Raises CannotStart, where there is no database yet.
    """
    if not is_database_of_ours():
        raise CannotStart(
            f"There is no database of Slipway yet with {settings.DATA}: name the data folder with "
            "--data,\nand the database with SLIPWAY_DATABASE_URL where it is on PostgreSQL."
        )
    secrets = list(list_kept_secrets())
    _make_usable(settings.DATA / "keys")
    lost = [secret for secret in secrets if not secret.is_readable]
    with transaction.atomic():
        probes = [secret for secret in lost if is_probe(secret)]
        for secret in probes:
            secret.forget_row()
        told = [secret for secret in lost if secret not in probes and secret.forget()]
        if told:
            after = {"forgotten": [secret.code for secret in told]}
            thing = ("key file", "keys", "keys")
            by, now = Actor.system(), timezone.now()
            record("secrets.forgotten", *thing, by=by, now=now, after=after)
    settle()
    return [str(secret) for secret in told]


def _have_keys(path: Path, secrets: list[KeptSecret]) -> None:
    if path.exists():
        settings.SLIPWAY_KEYS = keys_in(path)
    elif secrets:
        raise WrongKeys(
            f"There is no key file {path}, but the database holds what was encrypted with one:\n"
            f"{_named(secrets)}.\n{_remedy(path)}"
        )
    else:
        _make(path)
    try:
        cipher()
    except ImproperlyConfigured as error:
        raise WrongKeys(f"The key file {path} cannot be used.\n{_remedy(path)}") from error


def _check_readable(path: Path, secrets: Iterable[KeptSecret]) -> None:
    if lost := [secret for secret in secrets if not secret.is_readable]:
        raise WrongKeys(
            f"The key file {path} does not read what is encrypted in the database:\n"
            f"{_named(lost)}.\n{_remedy(path)}"
        )


def _make(path: Path) -> None:
    secret_from(path, new_key)
    settings.SLIPWAY_KEYS = keys_in(path)


def _make_usable(path: Path) -> None:
    """Make the key file, or put aside one that cannot be used: with it, no command can be run.

    Keys that can still be used go into the new one.
    """
    found = keys_in(path)
    usable = [text for text in found if is_key(text)]
    if path.exists() and (not found or usable != found):
        aside = path.with_name(f"{path.name}.unusable-{timezone.now():%Y%m%dT%H%M%SZ}")
        path.rename(aside)
        log.warning("keys_put_aside", file=str(aside))
    secret_from(path, lambda: "\n".join(usable) or new_key())
    settings.SLIPWAY_KEYS = keys_in(path)


def _named(secrets: list[KeptSecret]) -> str:
    more = f" and {len(secrets) - NAMED} more" if len(secrets) > NAMED else ""
    return "; ".join(str(secret) for secret in secrets[:NAMED]) + more


def _remedy(path: Path) -> str:
    forget = shlex.join((*_as_owner(), "slipway", "forget-secrets", "--data", str(path.parent)))
    also = " (with the same\nSLIPWAY_DATABASE_URL)" if settings.SURROUNDINGS.database_url else ""
    return (
        f"Put the key file of this database back to {path} (it is kept apart from the backup of "
        "the\ndatabase), and start again. Is it lost for good:\n"
        f"`{forget}`{also}\nempties what cannot be read, which has to be given again."
    )


def _as_owner() -> tuple[str, ...]:
    """Return what makes root, who reads this in the journal, the user that the service runs as."""
    user = os.geteuid()
    return ("runuser", "-u", user_name(user), "--") if 0 < user < PEOPLE_FROM else ()
