"""All tables of this room at once, for a database that is new: the short way."""

import django.db.models.deletion
import slipway.core.builds.state
import slipway.core.words.versions
import slipway.core.builds.orders
import slipway.records.rows.secrets.encrypted
import slipway.records.rows.sentences
import uuid
from django.conf import settings
from django.db import migrations, models

from slipway.records.rows.writing.triggers import (rules_of)


class Migration(migrations.Migration):

    replaces = [('catalog', '0001_initial'), ('catalog', '0002_immutable_versions'), ('catalog', '0003_builds'), ('catalog', '0004_packages_keep_their_bytes'), ('catalog', '0005_releases_by_value'), ('catalog', '0006_sentences'), ('catalog', '0007_declared_variables'), ('catalog', '0008_settings_at_upload'), ('catalog', '0009_files_of_versions'), ('catalog', '0010_content_that_shared_folders_hide'), ('catalog', '0011_nothing_is_replaced'), ('catalog', '0012_words_of_builds')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BuildServer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('gitlab', 'gitlab'), ('jenkins', 'jenkins'), ('command', 'command')], max_length=16)),
                ('base_url', models.CharField(blank=True, default='', max_length=1024)),
                ('username', models.CharField(blank=True, default='', max_length=255)),
                ('credential', slipway.records.rows.secrets.encrypted.EncryptedTextField(blank=True, default='')),
                ('ca_certificate', models.TextField(blank=True, default='')),
                ('proxy', models.CharField(blank=True, default='', max_length=1024)),
                ('package_bases', models.JSONField(default=list)),
                ('hook_secret', slipway.records.rows.secrets.encrypted.EncryptedTextField(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['gitlab', 'jenkins', 'command'])), name='build_server_kind_is_known'), models.CheckConstraint(condition=models.Q(('kind', slipway.core.builds.orders.ServerKind['COMMAND']), models.Q(('base_url', ''), _negated=True), _connector='OR'), name='build_server_that_is_elsewhere_has_an_address')],
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('language', models.CharField(choices=[('cpp', 'C++'), ('go', 'Go'), ('python', 'Python'), ('java', 'Java'), ('node', 'Node.js'), ('other', 'Other')], default='other', max_length=16)),
                ('build_origin', models.CharField(choices=[('gitlab', 'GitLab CI'), ('jenkins', 'Jenkins'), ('command', 'Command'), ('upload', 'Upload')], default='upload', max_length=16)),
                ('build_url', models.CharField(blank=True, default='', max_length=1024)),
                ('build_project', models.CharField(blank=True, default='', max_length=1024)),
                ('build', models.JSONField(default=dict)),
                ('hook_secret', slipway.records.rows.secrets.encrypted.EncryptedTextField(blank=True, default='')),
                ('keep_versions', models.PositiveIntegerField(null=True)),
                ('default_ref', models.CharField(default='main', max_length=255)),
                ('description', models.TextField(blank=True, default='')),
                ('labels', models.JSONField(default=dict)),
                ('spec', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('build_server', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='services', to='catalog.buildserver')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'micro_service',
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$')), name='service_name_is_a_plain_name'), models.CheckConstraint(condition=models.Q(('language__in', ['cpp', 'go', 'python', 'java', 'node', 'other'])), name='service_language_is_known'), models.CheckConstraint(condition=models.Q(('build_origin__in', ['gitlab', 'jenkins', 'command', 'upload'])), name='service_origin_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Package',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.BigIntegerField()),
                ('unpacked_size', models.BigIntegerField(default=0)),
                ('format', models.CharField(max_length=16)),
                ('filename', models.CharField(max_length=255)),
                ('path', models.CharField(max_length=255)),
                ('created_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='package_is_named_by_its_sha256'), models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='package_size_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=128)),
                ('ref', models.CharField(blank=True, default='', max_length=255)),
                ('commit', models.CharField(blank=True, default='', max_length=64)),
                ('description', models.TextField(blank=True, default='')),
                ('status', models.PositiveSmallIntegerField(choices=[(0, 'pending'), (1, 'building'), (2, 'success'), (3, 'timeout'), (4, 'failed'), (5, 'duplicate')])),
                ('filename', models.CharField(max_length=255, null=True)),
                ('format', models.CharField(max_length=16, null=True)),
                ('unpacked_size', models.BigIntegerField(null=True)),
                ('spec', models.JSONField(default=dict)),
                ('hidden_content', models.JSONField(null=True)),
                ('service_spec', models.JSONField(null=True)),
                ('build_url', models.CharField(blank=True, default='', max_length=1024)),
                ('build_log', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('package', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.package')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.service')),
            ],
            options={
                'db_table': 'micro_service_version',
                'indexes': [models.Index(fields=['service', '-created_at'], name='newest_versions_first')],
                'constraints': [models.UniqueConstraint(fields=('service', 'name'), name='one_version_of_a_name'), models.CheckConstraint(condition=models.Q(('status__in', [0, 1, 2, 3, 4, 5])), name='version_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', slipway.core.words.versions.VersionStatus['SUCCESS']), _negated=True), ('package__isnull', False), _connector='OR'), name='successful_version_has_a_package')],
            },
        ),
        migrations.CreateModel(
            name='Build',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.CharField(max_length=1024)),
                ('settings', models.JSONField(default=dict)),
                ('variables', models.JSONField(default=dict)),
                ('correlation', models.CharField(max_length=64, unique=True)),
                ('originator', models.CharField(choices=[('asked', 'asked for here'), ('server', 'started on the build server'), ('late', 'a success that came late, taken after all')], max_length=16)),
                ('commit_asked', models.CharField(blank=True, default='', max_length=64)),
                ('forced', models.BooleanField(default=False)),
                ('stage', models.CharField(choices=[('wanted', 'wanted'), ('ordered', 'ordered'), ('watched', 'watched'), ('fetching', 'fetching'), ('over', 'over')], max_length=16)),
                ('external_id', models.CharField(blank=True, default='', max_length=512)),
                ('superseded', models.BooleanField(default=False)),
                ('starts', models.PositiveIntegerField(default=0)),
                ('ordered_at', models.DateTimeField(null=True)),
                ('seen', models.CharField(blank=True, default='', max_length=16)),
                ('says', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('trouble', models.PositiveIntegerField(default=0)),
                ('retry_at', models.DateTimeField(null=True)),
                ('problem', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('cancel_requested_at', models.DateTimeField(null=True)),
                ('cancelled', models.BooleanField(default=False)),
                ('log_position', models.TextField(blank=True, default='')),
                ('log_size', models.PositiveIntegerField(default=0)),
                ('reason', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('late_at', models.DateTimeField(null=True)),
                ('claimed_by', models.CharField(blank=True, default='', max_length=96)),
                ('claim', models.BigIntegerField(default=0)),
                ('due_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('deadline_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('server', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='builds', to='catalog.buildserver')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='builds', to='catalog.service')),
                ('duplicate_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='catalog.version')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='build', to='catalog.version')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='builds_to_look_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('external_id', ''), _negated=True), ('superseded', False)), fields=('service', 'server', 'project', 'external_id'), name='one_build_here_per_build_there'), models.CheckConstraint(condition=models.Q(('stage__in', ['wanted', 'ordered', 'watched', 'fetching', 'over'])), name='build_stage_is_known'), models.CheckConstraint(condition=models.Q(('seen', ''), ('seen__in', ['waiting', 'running', 'success', 'failed', 'cancelled']), _connector='OR'), name='build_seen_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('stage', slipway.core.builds.state.BuildStage['OVER'])), models.Q(models.Q(('stage', slipway.core.builds.state.BuildStage['OVER']), _negated=True), ('finished_at', None)), _connector='OR'), name='build_is_finished_when_it_is_over')],
            },
        ),
        migrations.CreateModel(
            name='ServerCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('project', models.CharField(blank=True, default='', max_length=1024)),
                ('requested_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('findings', models.JSONField(default=list)),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('server', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='catalog.buildserver')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['requested_at'], name='waiting_server_checks')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=16)),
                ('key', models.CharField(max_length=128)),
                ('event', models.CharField(blank=True, default='', max_length=64)),
                ('external_id', models.CharField(blank=True, default='', max_length=512)),
                ('ref', models.CharField(blank=True, default='', max_length=255)),
                ('commit', models.CharField(blank=True, default='', max_length=64)),
                ('source_address', models.CharField(blank=True, default='', max_length=64)),
                ('received_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('handled_at', models.DateTimeField(null=True)),
                ('outcome', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('build', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='catalog.build')),
                ('server', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='catalog.buildserver')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='catalog.service')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='deliveries_to_handle'), models.Index(fields=['-received_at'], name='newest_deliveries_first')],
                'constraints': [models.UniqueConstraint(fields=('service', 'source', 'key'), name='one_delivery_of_a_key')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('base', models.CharField(max_length=64)),
                ('head', models.CharField(max_length=64)),
                ('requested_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
                ('commits', models.JSONField(default=list)),
                ('total', models.PositiveIntegerField(default=0)),
                ('url', models.CharField(blank=True, default='', max_length=2048)),
                ('problem', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comparisons', to='catalog.service')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='comparisons_to_make')],
                'constraints': [models.UniqueConstraint(fields=('service', 'base', 'head'), name='one_comparison_of_two_commits')],
            },
        ),
        migrations.CreateModel(
            name='BuildPoll',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_until', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('problem', slipway.records.rows.sentences.SentenceField(blank=True, default=None, null=True)),
                ('service', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='build_poll', to='catalog.service')),
            ],
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(blank=True, default='', max_length=64)),
                ('spec', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='catalog.version')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'fingerprint'), name='one_release_of_a_fingerprint')],
            },
        ),
        migrations.CreateModel(
            name='BuildLogPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('build', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log_parts', to='catalog.build')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('build', 'start'), name='one_log_part_at_a_place')],
            },
        ),
        *rules_of(__package__, '0004_packages_keep_their_bytes', '0011_nothing_is_replaced'),
    ]
