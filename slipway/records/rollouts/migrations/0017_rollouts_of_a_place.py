from django.db import migrations, models


class Migration(migrations.Migration):
    """The newest rollout of each service in each environment is found without reading the others:
    their rows are wide, and lists of services ask for it every few seconds."""

    dependencies = [("rollouts", "0016_states_of_rollouts")]
    operations = [
        migrations.AddIndex(
            model_name="rollout",
            index=models.Index(fields=["service", "environment", "id"], name="rollouts_of_a_place"),
        ),
    ]
