"""All tables of this room at once, for a database that is new: the short way."""

import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import slipway.records.rows.secrets.encrypted
import slipway.records.rows.sentences
from django.conf import settings
from django.db import migrations, models

from slipway.records.rows.writing.triggers import (rules_of)


class Migration(migrations.Migration):

    replaces = [('fleet', '0001_initial'), ('fleet', '0002_hosts_looked_at'), ('fleet', '0003_work_bell'), ('fleet', '0004_releases_by_value'), ('fleet', '0005_patience_and_watch'), ('fleet', '0006_sentences'), ('fleet', '0007_hosts_by_address'), ('fleet', '0008_other_machines'), ('fleet', '0009_drift'), ('fleet', '0010_key_grants'), ('fleet', '0011_named_users')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('catalog', '0001_squashed_0012_words_of_builds'),
    ]

    operations = [
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('approvals_needed', models.PositiveSmallIntegerField(default=0)),
                ('freeze_windows', models.JSONField(default=list)),
                ('batches', models.CharField(default='1 25%', max_length=64)),
                ('max_unavailable', models.CharField(default='25%', max_length=8)),
                ('failure_budget', models.CharField(default='10%', max_length=8)),
                ('left_out_budget', models.CharField(default='10%', max_length=8)),
                ('canary_budget', models.PositiveSmallIntegerField(default=0)),
                ('bake_time', models.DurationField()),
                ('progress_deadline', models.DurationField()),
                ('watch_time', models.DurationField(default=datetime.timedelta(seconds=60))),
                ('patience', models.DurationField(default=datetime.timedelta(seconds=600))),
                ('promotion_needed', models.BooleanField(default=False)),
                ('automatic_rollback', models.BooleanField(default=True)),
                ('named_user_needed', models.BooleanField(db_default=False, default=False)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$')), name='environment_name_is_a_plain_name')],
            },
        ),
        migrations.CreateModel(
            name='SshKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('private_key', slipway.records.rows.secrets.encrypted.EncryptedTextField()),
                ('public_key', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Host',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=253, unique=True)),
                ('address', models.CharField(max_length=253)),
                ('port', models.PositiveIntegerField(default=22)),
                ('user', models.CharField(max_length=64)),
                ('root', models.CharField(default='/opt/slipway', max_length=255)),
                ('become', models.CharField(choices=[('none', 'not at all'), ('sudo', 'sudo')], default='none', max_length=8)),
                ('labels', models.JSONField(default=dict)),
                ('host_key', models.TextField(blank=True, default='')),
                ('state', models.CharField(choices=[('unknown', 'never reached'), ('ok', 'ok'), ('unreachable', 'unreachable'), ('maintenance', 'maintenance')], default='unknown', max_length=16)),
                ('problem', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('facts', models.JSONField(default=dict)),
                ('checked_at', models.DateTimeField(null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('machine_since', models.DateTimeField(null=True)),
                ('last_seen_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosts', to='fleet.environment')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosts', to='fleet.sshkey')),
            ],
            options={
                'indexes': [models.Index(django.db.models.functions.text.Lower('address'), models.F('port'), name='hosts_by_address')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[0-9A-Za-z]([0-9A-Za-z._-]{0,126}[0-9A-Za-z])?$')), name='host_name_is_a_plain_name'), models.CheckConstraint(condition=models.Q(('port__gte', 1), ('port__lte', 65535)), name='host_port_is_a_port'), models.CheckConstraint(condition=models.Q(('state__in', ['unknown', 'ok', 'unreachable', 'maintenance'])), name='host_state_is_known'), models.CheckConstraint(condition=models.Q(('become__in', ['none', 'sudo'])), name='host_become_is_known')],
            },
        ),
        migrations.CreateModel(
            name='HostCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.UUIDField(db_index=True)),
                ('learn_key', models.BooleanField(default=False)),
                ('requested_at', models.DateTimeField()),
                ('claimed_by', models.CharField(blank=True, default='', max_length=96)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(db_index=True, null=True)),
                ('ok', models.BooleanField(null=True)),
                ('code', models.CharField(blank=True, default='', max_length=64)),
                ('problem', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='fleet.host')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['finished_at', 'claimed_at'], name='checks_nobody_has_done')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('ok', None)), models.Q(('finished_at__isnull', False), ('ok__isnull', False)), _connector='OR'), name='finished_check_says_how_it_went')],
            },
        ),
        migrations.CreateModel(
            name='Instance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('port', models.PositiveIntegerField(default=0)),
                ('tag', models.CharField(blank=True, default='', max_length=64)),
                ('weight', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MaxValueValidator(1000)])),
                ('description', models.TextField(blank=True, default='')),
                ('up', models.BooleanField(default=True)),
                ('seen_version', models.CharField(blank=True, default='', max_length=128)),
                ('seen_link', models.CharField(blank=True, default='', max_length=128)),
                ('seen_fingerprint', models.CharField(blank=True, default='', max_length=64)),
                ('seen_started_with', models.CharField(blank=True, default='', max_length=80)),
                ('seen_process', models.CharField(blank=True, default='', max_length=64)),
                ('seen_boot', models.CharField(blank=True, default='', max_length=64)),
                ('seen_drained_by', models.CharField(blank=True, default='', max_length=128)),
                ('seen_hook_owed', models.BooleanField(default=False)),
                ('seen_bare', models.BooleanField(null=True)),
                ('seen_drift', models.TextField(blank=True, db_default='', default='')),
                ('seen_why', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('seen_at', models.DateTimeField(null=True)),
                ('healthy', models.BooleanField(null=True)),
                ('status', models.PositiveSmallIntegerField(choices=[(0, 'running'), (1, 'installing'), (2, 'upgrading'), (3, 'reverting'), (4, 'deleting'), (5, 'stopped'), (11, 'install_failed'), (12, 'upgrade_failed'), (13, 'revert_failed'), (14, 'delete_failed')])),
                ('locked_reason', models.TextField(blank=True, default='')),
                ('locked_at', models.DateTimeField(null=True)),
                ('is_maintain', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='fleet.environment')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='fleet.host')),
                ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owed', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.release')),
                ('previous_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.version')),
                ('release', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.release')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='catalog.service')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.version')),
            ],
            options={
                'db_table': 'micro_service_instance',
                'indexes': [models.Index(fields=['service', 'environment'], name='instances_of_a_service')],
                'constraints': [models.UniqueConstraint(fields=('service', 'host', 'port'), name='one_instance_per_service_host_and_port'), models.CheckConstraint(condition=models.Q(('port__gte', 0), ('port__lte', 65535)), name='instance_port_is_a_port'), models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', 1000)), name='instance_weight_is_0_to_1000'), models.CheckConstraint(condition=models.Q(('status__in', [0, 1, 2, 3, 4, 5, 11, 12, 13, 14])), name='instance_status_is_known'), models.CheckConstraint(condition=models.Q(('previous_version', None), models.Q(('previous_version', models.F('version')), _negated=True), _connector='OR'), name='previous_version_differs_from_version'), models.CheckConstraint(condition=models.Q(models.Q(('locked_at', None), ('locked_by', None)), models.Q(('locked_at__isnull', False), ('locked_by__isnull', False)), _connector='OR'), name='locked_instance_has_a_holder')],
            },
        ),
        migrations.CreateModel(
            name='KeyGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='key_grants', to='fleet.environment')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='fleet.sshkey')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'environment'), name='one_grant_per_key_and_environment')],
            },
        ),
        *rules_of(__package__, '0003_work_bell'),
    ]
