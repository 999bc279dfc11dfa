from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What is under way is found without reading all that is over: by a condition that both
    databases hold an index for. By the list of its states SQLite read every rollout there was."""

    dependencies = [("rollouts", "0014_ends_of_histories")]
    operations = [
        migrations.RemoveConstraint(
            model_name="rollout", name="one_active_rollout_per_service_and_environment"
        ),
        migrations.AddConstraint(
            model_name="rollout",
            constraint=models.UniqueConstraint(
                fields=["service", "environment"],
                condition=Q(finished_at=None),
                name="one_active_rollout_per_service_and_environment",
            ),
        ),
        migrations.AddIndex(
            model_name="rollout",
            index=models.Index(fields=["finished_at"], name="rollouts_by_their_end"),
        ),
        migrations.AddIndex(
            model_name="rollout",
            index=models.Index(
                fields=["created_at"],
                condition=Q(finished_at=None) | Q(watching=True),
                name="rollouts_to_be_driven",
            ),
        ),
    ]
