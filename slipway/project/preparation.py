"""What has to be there before the first request: tables, a first admin, a key for hosts."""

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from slipway.core.roles import Role
from slipway.records.accounts import operations as accounts
from slipway.records.accounts import queries
from slipway.records.accounts.actors import Actor

ADMIN = "admin"
TOKEN_FILE = "admin-token"
TOKEN_LASTS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The login that is shown once."""

    username: str
    password: str
    token_file: Path


def migrate() -> None:
    """Bring the tables to this release. Safe to repeat, and while others do the same."""
    call_command("migrate", interactive=False, verbosity=0)


@transaction.atomic
def make_first_admin(data: Path) -> FirstAdmin | None:
    """Make the first admin and its token file, unless there are people already."""
    if queries.list_users():
        return None
    now, system = timezone.now(), Actor.system()
    password = secrets.token_urlsafe(12)
    user = accounts.create_user(
        username=ADMIN, password=password, is_superuser=True, by=system, now=now
    )
    _, text = accounts.create_token(
        user=user,
        name="first",
        role=Role.ADMIN,
        service="",
        environment="",
        expires_in=TOKEN_LASTS,
        by=system,
        now=now,
    )
    path = data / TOKEN_FILE
    _write_secret(path, text)
    return FirstAdmin(ADMIN, password, path)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
