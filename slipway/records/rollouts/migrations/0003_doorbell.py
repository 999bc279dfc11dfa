from django.db import migrations

from slipway.records.rows.writing.triggers import (Rule)

# On PostgreSQL each change of a rollout rings at its commit. SQLite has PRAGMA data_version for it.
RING = """
CREATE FUNCTION ring_the_rollout_bell() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('slipway_rollouts', NEW.id::text); RETURN NULL; END $$;
CREATE TRIGGER rollouts_ring AFTER INSERT OR UPDATE ON rollouts_rollout
FOR EACH ROW EXECUTE FUNCTION ring_the_rollout_bell();
"""
SILENCE = """
DROP TRIGGER IF EXISTS rollouts_ring ON rollouts_rollout;
DROP FUNCTION IF EXISTS ring_the_rollout_bell();
"""


def hang_up(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(RING)


def take_down(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(SILENCE)


class Migration(migrations.Migration):
    dependencies = [("rollouts", "0002_finished_stays_finished")]
    operations = [Rule(hang_up, take_down)]
