from django.db import migrations, models

from slipway.records.rows.sentences import (SentenceField, said_before, texts_become_sentences)
from slipway.records.rows.writing.triggers import (drops, refuse)

TRIGGER = "finished_rollouts_stay_finished"
TABLE = "rollouts_rollout"


def tell_causes(apps, editor):
    """What rollouts wrote as the reason of a lock, and of going back, is a cause."""
    for row in apps.get_model("rollouts", "Lock").objects.exclude(rollout=None):
        row.cause, row.reason = said_before(row.reason), ""
        row.save(update_fields=["cause", "reason"])
    for row in apps.get_model("rollouts", "Rollout").objects.filter(automatic=True):
        row.cause, row.reason = said_before(row.reason) if row.reason else None, ""
        row.save(update_fields=["cause", "reason"])


class Migration(migrations.Migration):
    dependencies = [("rollouts", "0004_release_rules_and_retention")]
    operations = [
        migrations.RunPython(drops(TRIGGER, TABLE), migrations.RunPython.noop),
        *texts_become_sentences("rollouts", "rollout", "outcome"),
        *texts_become_sentences("rollouts", "target", "problem", hint="problem_hint"),
        *texts_become_sentences("rollouts", "releaserule", "problem", hint="problem_hint"),
        *texts_become_sentences("rollouts", "retentionrun", "problem", hint="problem_hint"),
        migrations.AddField("rollout", "cause", SentenceField()),
        migrations.AddField("lock", "cause", SentenceField()),
        migrations.AlterField("lock", "reason", models.TextField(blank=True, default="")),
        # Lines of before stay texts: there may be millions of them, and they are read as they are.
        migrations.AddField("logline", "sentence", SentenceField()),
        migrations.AlterField("logline", "text", models.TextField(blank=True, default="")),
        migrations.RunPython(tell_causes, migrations.RunPython.noop),
        refuse(
            TRIGGER,
            table=TABLE,
            on="UPDATE",
            message="a finished rollout stays as it ended",
            when=(
                "OLD.finished_at IS NOT NULL AND (NEW.state IS NOT OLD.state"
                " OR NEW.finished_at IS NOT OLD.finished_at OR NEW.outcome IS NOT OLD.outcome)",
                "OLD.finished_at IS NOT NULL AND (NEW.state IS DISTINCT FROM OLD.state"
                " OR NEW.finished_at IS DISTINCT FROM OLD.finished_at"
                " OR NEW.outcome IS DISTINCT FROM OLD.outcome)",
            ),
        ),
    ]
