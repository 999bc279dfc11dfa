"""What was changed on a host by somebody else, and why an instance is not well."""

from django.db import migrations, models

import slipway.records.rows.sentences


class Migration(migrations.Migration):

    dependencies = [("fleet", "0008_other_machines")]

    operations = [
        migrations.AddField(
            model_name="instance",
            name="seen_drift",
            field=models.TextField(blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            model_name="instance",
            name="seen_why",
            field=slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True),
        ),
    ]
