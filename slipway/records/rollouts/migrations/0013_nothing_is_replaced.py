from django.db import migrations

from slipway.records.rows.writing.triggers import (drops, refuse, refuse_removing)

MESSAGE = "a finished rollout stays as it ended"
# What it was to do, who asked for it and why, and how it ended.
STAY = (
    *("id", "kind", "service_id", "environment_id", "version_id", "reverts_id", "retry_of_id"),
    *("automatic", "batches", "plan", "plan_hash", "reason", "cause", "state", "outcome"),
    *("created_at", "created_by_id", "started_at", "finished_at", "withdrawn", "halted", "\"end\""),
)


def _changes(operator: str) -> str:
    changes = " OR ".join(f"NEW.{name} {operator} OLD.{name}" for name in STAY)
    return f"OLD.finished_at IS NOT NULL AND NOT OLD.watching AND ({changes})"


class Migration(migrations.Migration):
    """What is over is not changed in any of its words, nor removed, nor put in another's place."""

    dependencies = [
        ("rollouts", "0012_driver_since"),
        ("catalog", "0011_nothing_is_replaced"),
    ]
    operations = [
        migrations.RunPython(
            drops("finished_rollouts_stay_finished", "rollouts_rollout"),
            migrations.RunPython.noop,
        ),
        refuse(
            "finished_rollouts_stay_finished",
            table="rollouts_rollout",
            on="UPDATE",
            message=MESSAGE,
            when=(_changes("IS NOT"), _changes("IS DISTINCT FROM")),
        ),
        refuse_removing(
            "finished_rollouts_are_not_replaced",
            table="rollouts_rollout",
            message=MESSAGE,
            when="ROW.finished_at IS NOT NULL",
        ),
        refuse_removing(
            "targets_are_not_removed",
            table="rollouts_target",
            message="what a rollout did is never removed",
            keys=("rollout_id,host_id,port",),
        ),
        refuse_removing(
            "steps_are_not_removed",
            table="rollouts_step",
            message="what a rollout did is never removed",
            keys=("ticket", "target_id,heading,attempt,name"),
            left_out=True,
        ),
        refuse_removing(
            "well_states_are_not_removed",
            table="rollouts_wellstate",
            message="the history of a place is never removed",
        ),
    ]
