from django.db import migrations, models


class Migration(migrations.Migration):
    """Histories are read from their ends: an index that has all that is looked at on the way."""

    dependencies = [
        ("rollouts", "0013_nothing_is_replaced"),
        ("catalog", "0011_nothing_is_replaced"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="wellstate",
            index=models.Index(
                fields=["service", "host", "port", "closed_at", "id", "depth", "release"],
                name="well_states_newest_last",
            ),
        ),
        migrations.RemoveIndex(model_name="wellstate", name="well_states_of_a_place"),
    ]
