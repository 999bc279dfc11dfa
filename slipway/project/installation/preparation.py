"""What has to be there before the first request: tables, a first admin, a key for hosts."""

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from slipway.core.words.roles import Role
from slipway.project.installation import key_file
from slipway.records.accounts import queries
from slipway.records.accounts.operations import people, tokens
from slipway.records.accounts.rights import Actor

ADMIN = "admin"
TOKEN_FILE = "admin-token"
PASSWORD_FILE = "admin-password"
TOKEN_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The first login; both files are for people to read once and to remove."""

    username: str
    password_file: Path
    token_file: Path


def migrate() -> None:
    """Bring the tables to this release. Safe to repeat, and while others do the same.

    Raises WrongKeys, where the key file is not that of the database.
    """
    key_file.settle()  # before anything is read or changed; a new column is given encrypted texts
    call_command("migrate", interactive=False, verbosity=0)
    key_file.settle()


@transaction.atomic
def make_first_admin(data: Path) -> FirstAdmin | None:
    """Make the first admin, its password and its token, unless there are people already."""
    if queries.list_users():
        return None
    now, system = timezone.now(), Actor.system()
    password = secrets.token_urlsafe(12)
    user = people.create_user(
        username=ADMIN, password=password, is_superuser=True, by=system, now=now
    )
    _, text = tokens.create_token(
        user=user,
        name="first",
        role=Role.ADMIN,
        service="",
        environment="",
        expires_in=TOKEN_LASTS,
        by=system,
        now=now,
    )
    write_secret(data / TOKEN_FILE, text)
    write_secret(data / PASSWORD_FILE, password)
    return FirstAdmin(ADMIN, data / PASSWORD_FILE, data / TOKEN_FILE)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only we can read, in place of what is there."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
