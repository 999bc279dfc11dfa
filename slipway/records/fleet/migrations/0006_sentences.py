from django.db import migrations

from slipway.records.rows.sentences import (texts_become_sentences)


class Migration(migrations.Migration):
    dependencies = [("fleet", "0005_patience_and_watch")]
    operations = [
        *texts_become_sentences("fleet", "host", "problem"),
        *texts_become_sentences("fleet", "hostcheck", "message", hint="hint"),
        migrations.RenameField("hostcheck", "message", "problem"),
    ]
