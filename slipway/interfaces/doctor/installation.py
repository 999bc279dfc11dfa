"""The installation itself: its database, its keys, its store."""

import shlex
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from slipway.core.words.sentence import some_of
from slipway.interfaces import doors
from slipway.interfaces.doctor.disks import LEAST_ROOM
from slipway.interfaces.doctor.verdicts import NAMED, DoctorFinding, ill, well
from slipway.records.rows.secrets.encrypted import cipher
from slipway.records.rows.secrets.kept_secrets import list_kept_secrets


def database(_now: datetime) -> DoctorFinding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return well("database", "The database answers ({vendor}).", vendor=connection.vendor)


def migrations(_now: datetime) -> DoctorFinding:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        return ill(
            "migrations",
            "{count} migrations are not applied.",
            hint="Run `slipway migrate --data {data}`, then restart web and workers.",
            count=missing,
            data=shlex.quote(str(settings.DATA)),
        )
    return well("migrations", "All migrations are applied.")


def keys(_now: datetime) -> DoctorFinding:
    cipher().encrypt(b"")
    lost = [secret.said for secret in list_kept_secrets() if not secret.is_readable]
    if lost:
        return ill(
            "keys",
            "The key file does not read what is encrypted in the database: {secrets}.",
            hint="Put back the key file of this database and restart web and workers.",
            secrets=some_of(lost, NAMED),
        )
    return well("keys", "The key file reads every secret that is kept.")


def store(_now: datetime) -> DoctorFinding:
    free = doors.free_bytes()
    code, template = "store", "The package store has {free} GiB free."
    left = f"{free / 1024**3:.1f}"
    if free >= LEAST_ROOM:
        return well(code, template, free=left)
    return ill(code, template, hint="Make room, or remove versions that nobody needs.", free=left)
