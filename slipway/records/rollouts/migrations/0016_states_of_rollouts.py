from django.db import migrations, models


class Migration(migrations.Migration):
    """Rollouts of a state are counted, and the newest of them found, without reading all others,
    each of which holds a plan as long as its fleet."""

    dependencies = [("rollouts", "0015_under_way")]
    operations = [
        migrations.AddIndex(
            model_name="rollout",
            index=models.Index(fields=["state", "-created_at"], name="rollouts_of_a_state"),
        )
    ]
