"""From SQLite to PostgreSQL all comes along, and nowhere does a secret lie in clear."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.postgresql import PostgresqlCluster
from tests.security.secrets_of_a_company import SECRETS, make_secrets, make_tables, read_secrets
from tests.security.servers import Server

pytestmark = pytest.mark.once  # on both databases whatever the run is on


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Server:
    server = Server(tmp_path_factory.mktemp("old") / "data")
    make_secrets(server)
    return server


def clear_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def dump_of(url: str) -> str:
    """Every row of every table as text: what a dump of PostgreSQL's own consists of."""
    told = []
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            rows = sql.SQL("SELECT row::text FROM {} row").format(sql.Identifier(table))
            told += [row[0] for row in connection.execute(rows)]
    return "\n".join(told)


def test_moved_all_is_readable_and_no_dump_holds_a_clear_secret(
    old: Server, cluster: PostgresqlCluster
) -> None:
    new = Server(old.data, cluster.make_database("moved"))
    make_tables(new)
    done = new.run("move")
    assert done.returncode == 0, done.stderr
    assert read_secrets(new) == SECRETS
    dumped = dump_of(new.environment["SLIPWAY_DATABASE_URL"])
    assert "billing" in dumped
    assert clear_in(dumped) == []
    assert counted(new) == counted(old)
    new.script(  # numbers go on above those that came along
        "from slipway.records.catalog.models import Service\n"
        "from datetime import UTC, datetime\n"
        "now = datetime.now(UTC)\n"
        "Service.objects.create(name='new', language='go', created_at=now, updated_at=now)"
    )
    again = new.run("move")
    assert (again.returncode, "in use already" in again.stderr) == (2, True)


def test_no_backup_holds_a_clear_secret(old: Server, tmp_path: Path) -> None:
    with sqlite3.connect(old.data / "slipway.sqlite3") as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with sqlite3.connect(tmp_path / "backup") as backup:
            source.backup(backup)
        told = "\n".join(backup.iterdump())
    assert "billing" in told
    assert clear_in(told) == []
    kept = (tmp_path / "backup").read_bytes() + (old.data / "slipway.sqlite3").read_bytes()
    assert clear_in(kept.decode("latin-1")) == []


def test_what_the_library_dumps_holds_no_clear_secret(old: Server) -> None:
    done = old.django("dumpdata", "--natural-foreign")
    assert done.returncode == 0, done.stderr
    assert "billing" in done.stdout
    assert clear_in(done.stdout) == []


@pytest.mark.parametrize("lacking", ["url", "keys"])
def test_what_cannot_be_moved_is_a_sentence(
    old: Server, cluster: PostgresqlCluster, tmp_path: Path, lacking: str
) -> None:
    url = "" if lacking == "url" else cluster.url()
    data = old.data if lacking == "url" else tmp_path / "empty"
    done = Server(data, url).run("move")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def counted(server: Server) -> str:
    return server.script(
        "from django.apps import apps\n"
        "rooms = ('accounts', 'audit', 'catalog', 'fleet', 'rollouts')\n"
        "print({m.__name__: m._base_manager.count() for m in apps.get_models()"
        " if m._meta.app_label in rooms})\n"
        "from slipway.records.rollouts.models import Installation\n"
        "print(Installation.objects.get().name)"
    )
