from django.db import migrations

from slipway.records.rows.writing.triggers import (Rule)

# On PostgreSQL whoever asks for work rings at the commit, so that workers need not look for it all
# the time. SQLite has PRAGMA data_version for it. Rollouts have a bell already.
TABLES = (
    "fleet_hostcheck",
    "catalog_build",
    "catalog_comparison",
    "catalog_delivery",
    "catalog_servercheck",
)
FUNCTION = """
CREATE FUNCTION ring_the_work_bell() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('slipway_work', ''); RETURN NULL; END $$;
"""
RING = """
CREATE TRIGGER work_rings AFTER INSERT OR UPDATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ring_the_work_bell();
"""


def hang_up(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(FUNCTION)
        for table in TABLES:
            editor.execute(RING.format(table=table))


def take_down(apps, editor):
    if editor.connection.vendor == "postgresql":
        for table in TABLES:
            editor.execute(f"DROP TRIGGER IF EXISTS work_rings ON {table}")
        editor.execute("DROP FUNCTION IF EXISTS ring_the_work_bell()")


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0002_hosts_looked_at"),
        ("catalog", "0004_packages_keep_their_bytes"),
    ]
    operations = [Rule(hang_up, take_down)]
