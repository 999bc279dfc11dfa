"""All tables of this room at once, for a database that is new: the short way."""

import django.db.models.deletion
import slipway.records.rows.sentences
from django.conf import settings
from django.db import migrations, models

from slipway.records.rows.writing.triggers import (rules_of)


class Migration(migrations.Migration):

    replaces = [('audit', '0001_initial'), ('audit', '0002_append_only'), ('audit', '0003_causes'), ('audit', '0004_never_replaced'), ('audit', '0005_verbs_by_time')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('by_name', models.CharField(max_length=150)),
                ('token', models.CharField(blank=True, default='', max_length=80)),
                ('source', models.CharField(blank=True, default='', max_length=64)),
                ('verb', models.CharField(db_index=True, max_length=64)),
                ('thing_kind', models.CharField(max_length=32)),
                ('thing_id', models.CharField(max_length=64)),
                ('thing_name', models.CharField(max_length=255)),
                ('service', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('environment', models.CharField(blank=True, default='', max_length=64)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('reason', models.TextField(blank=True, default='')),
                ('cause', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['thing_kind', 'thing_id'], name='events_of_a_thing'), models.Index(fields=['verb', 'at'], name='events_of_a_verb_by_time')],
            },
        ),
        *rules_of(__package__, '0002_append_only', '0004_never_replaced'),
    ]
