from django.db import migrations

from slipway.records.rows.sentences import (SentenceField)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.AddField("event", "cause", SentenceField())]
