from django.db import migrations

from slipway.records.fields.sentences import texts_become_sentences


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]
    operations = [
        *texts_become_sentences("fleet", "host", "problem"),
        *texts_become_sentences("fleet", "hostcheck", "message", hint="hint"),
        migrations.RenameField("hostcheck", "message", "problem"),
    ]
