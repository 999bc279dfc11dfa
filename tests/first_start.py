"""The tables of a first start, made once in a run of tests and copied from then on: to make them
takes two seconds, and some sixty databases of a run begin with them.

Installations get a name of their own with it: two of one name would share their hosts.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from cryptography.fernet import Fernet

from tests.postgresql import make_database

FOLDER = "SLIPWAY_TEST_FIRST_START"  # set by tests.surroundings, shared by all processes of a run
TEMPLATE = "first_start"
_RENAME = "UPDATE rollouts_installation SET name = "
_MIGRATE = (
    "import django; django.setup()\n"
    "from django.core.management import call_command\n"
    "call_command('migrate', interactive=False, verbosity=0)\n"
)


def put_database(data: Path) -> None:
    """Give a data folder that has none yet the database of a first start, on SQLite."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data / "slipway.sqlite3"
    shutil.copyfile(migrated_file(), file)
    file.chmod(0o600)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(f"{_RENAME}?", (uuid4().hex,))
    connection.close()


def make_migrated(server: str, name: str) -> str:
    """Create a database on a PostgreSQL server, as a first start leaves it; returns its URL."""
    url = make_database(server, name, migrated_database(server))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"{_RENAME}%s", (uuid4().hex,))
    return url


def migrated_file() -> Path:
    """Return a SQLite database as a first start leaves it, to be copied."""
    with _alone(Path(os.environ[FOLDER])) as folder:
        file = folder / "data" / "slipway.sqlite3"
        if not (done := folder / "sqlite").exists():
            _migrate(folder / "data", "")
            connection = sqlite3.connect(file)  # no file beside it is needed from now on
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            done.touch()
    return file


def migrated_database(server: str) -> str:
    """Return the name of a template on that PostgreSQL server, as a first start leaves it.

    `server` is the URL of any other database there.
    """
    with _alone(Path(os.environ[FOLDER])) as folder:
        own = f"{server.rpartition('/')[0]}/{TEMPLATE}"
        with psycopg.connect(server, autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", (TEMPLATE,)
            ).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
                _migrate(folder / "data", own)
                connection.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")
    return TEMPLATE


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Others of this run wait meanwhile: who comes first makes it for all."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _migrate(data: Path, database: str) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    # Some steps want to encrypt, and find nothing that is to be: any key is right.
    (data / "keys").write_bytes(Fernet.generate_key() + b"\n")
    environment = {
        **os.environ,
        "SLIPWAY_DATA": str(data),
        "SLIPWAY_DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "slipway.project.settings",
    }
    subprocess.run([sys.executable, "-c", _MIGRATE], env=environment, check=True)
