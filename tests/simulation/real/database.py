"""A database in memory that is made once a process, and put back to how it was in a millisecond."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

import slipway
from slipway.project.installation.own_files import new_key
from tests.simulation.real.unchanged import Writes

_CONNECTIONS: list[Any] = []  # the one of this process
WRITES = Writes()
SQL_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


def make_database() -> None:
    """Set Django up on an empty database in memory. Once a process, before a model is read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "slipway.project.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # one thread: nothing of it is unsafe
    os.environ["SLIPWAY_DATA"] = tempfile.mkdtemp(prefix="slipway-simulation-")
    os.environ.pop("SLIPWAY_DATABASE_URL", None)
    settings.DATABASES["default"]["NAME"] = ":memory:"
    settings.SLIPWAY_KEYS = [new_key()]
    django.setup()
    _CONNECTIONS[:] = [connections["default"]]
    _CONNECTIONS[0].ensure_connection()
    _CONNECTIONS[0].execute_wrappers.append(WRITES.note)
    known = Path(tempfile.gettempdir()) / f"slipway-simulation-{_form()}.sqlite3"
    if known.exists():
        put_back(known.read_bytes())
    else:
        _migrate(known)


def _migrate(known: Path) -> None:
    """Make the tables, and keep them: it takes many seconds."""
    call_command("migrate", verbosity=0)
    with tempfile.NamedTemporaryFile(dir=known.parent, delete=False) as file:
        file.write(kept())
    Path(file.name).rename(known)


def _form() -> str:
    """Return what names the form of the database: its migrations."""
    found = hashlib.sha256()
    for path in sorted(Path(slipway.__file__).parent.glob("**/migrations/*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _sqlite() -> sqlite3.Connection:
    own = _CONNECTIONS[0].connection
    assert isinstance(own, sqlite3.Connection)
    return own


def folder() -> Path:
    """Return what this process, and those that it forks, have for themselves."""
    return Path(os.environ["SLIPWAY_DATA"])


def glance(statement: str) -> tuple[object, ...]:
    """Return rows as they are, at a hundredth of what it takes to ask for them by models."""
    return tuple(_sqlite().execute(statement).fetchall())


def kept() -> bytes:
    """Return the database as it is."""
    return _sqlite().serialize()


def put_back(content: bytes) -> None:
    """Make the database what it was."""
    WRITES.note_all()
    _sqlite().deserialize(content)


def share() -> None:
    """Let everything that begins from here use the one connection: Django keeps one apart for each
    task. Called inside a loop."""
    connections["default"] = _CONNECTIONS[0]


def tell_time(now: Callable[[], datetime]) -> None:
    """Give the database a clock that is not real."""

    def strftime(form: str, moment: str) -> str:
        assert moment == "NOW", "nothing else is asked for"
        return now().strftime(SQL_MOMENT)[:-3]

    _sqlite().create_function("strftime", 2, strftime)
