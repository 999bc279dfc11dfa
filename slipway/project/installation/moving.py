"""From the embedded database to PostgreSQL: all rows, and no file in which a secret could lie."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import structlog
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now

from slipway.project.environment import CannotStart, embedded_database
from slipway.project.installation import key_file
from slipway.project.installation.preparation import migrate

SOURCE = "embedded"
AT_ONCE = 200
STILL_ALIVE = timedelta(seconds=20)
# Django makes these anew, by the numbers of the new database; nothing of ours names them.
MADE_ANEW = ("admin", "auth", "contenttypes")
# One row each, there from the beginning.
OF_MIGRATIONS = ("Epoch", "Installation", "KeyProbe")

log = structlog.get_logger()


class NotMoved(CannotStart):
    """Nothing was changed; says why, and what to do."""


def run() -> None:
    """Copy every row of the data folder's SQLite into the empty database of SLIPWAY_DATABASE_URL.

    In one transaction; what is encrypted stays so. Raises NotMoved, WrongKeys.
    """
    _check(Path(settings.DATA))
    migrate()
    if any(m._base_manager.exists() for m in _models() if m.__name__ not in OF_MIGRATIONS):
        raise NotMoved("The new database is in use already: give an empty one.")
    try:
        with transaction.atomic(using=SOURCE), transaction.atomic():
            copied = sum(_copy(model) for model in _models())
            _go_on_counting()
            key_file.settle()
    except (DataError, IntegrityError) as error:
        raise NotMoved(f"PostgreSQL does not take a row: {error}") from error
    log.info("moved", rows=copied)


def _check(data: Path) -> None:
    if connection.vendor != "postgresql":
        raise NotMoved("SLIPWAY_DATABASE_URL must name the new database: postgresql://…")
    for name in ("slipway.sqlite3", "keys"):
        if not (data / name).exists():
            raise NotMoved(f"There is no {data / name}: name the data folder with --data.")
    # All that Django fills in, of the other connection: each of it is set below, or means nothing.
    ours = {**connections.databases["default"], **embedded_database(data)}
    connections.databases[SOURCE] = ours
    executor = MigrationExecutor(connections[SOURCE])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMoved(
            "The old database is of another release: first, without SLIPWAY_DATABASE_URL, run\n"
            f"`slipway migrate --data {data}`."
        )
    workers = apps.get_model("rollouts", "Worker")._base_manager.using(SOURCE)
    if workers.filter(dead_at=None, beat_at__gte=Now() - STILL_ALIVE).exists():
        raise NotMoved("A worker is alive on the old database: stop Slipway first.")


def _models() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if model._meta.app_label not in MADE_ANEW)


def _copy(model: type[models.Model]) -> int:
    """Copy a table's rows. Read and written by the model: the databases keep times, numbers and
    JSON differently, and what is encrypted is so again before it leaves this process."""
    # What migrations have put there is in the old one as well, and counts.
    if model._base_manager.exists():
        model._base_manager.all()._raw_delete("default")
    batch: list[models.Model] = []
    copied = 0
    for row in model._base_manager.using(SOURCE).order_by("pk").iterator(chunk_size=AT_ONCE):
        batch.append(row)
        if len(batch) == AT_ONCE:
            copied += _put(model, batch)
    return copied + _put(model, batch)


def _put(model: type[models.Model], batch: list[models.Model]) -> int:
    model._base_manager.using("default").bulk_create(batch)
    put = len(batch)
    batch.clear()
    return put


def _go_on_counting() -> None:
    """New rows get numbers above those that were copied."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_models())):
            cursor.execute(statement)
