from django.db import migrations

from slipway.records.rows.writing.triggers import (refuse)


class Migration(migrations.Migration):
    dependencies = [("rollouts", "0001_initial")]
    operations = [
        refuse(
            "finished_rollouts_stay_finished",
            table="rollouts_rollout",
            on="UPDATE",
            message="a finished rollout stays as it ended",
            when=(
                "OLD.finished_at IS NOT NULL AND (NEW.state IS NOT OLD.state"
                " OR NEW.finished_at IS NOT OLD.finished_at OR NEW.outcome IS NOT OLD.outcome)",
                "OLD.finished_at IS NOT NULL AND (NEW.state IS DISTINCT FROM OLD.state"
                " OR NEW.finished_at IS DISTINCT FROM OLD.finished_at"
                " OR NEW.outcome IS DISTINCT FROM OLD.outcome)",
            ),
        )
    ]
