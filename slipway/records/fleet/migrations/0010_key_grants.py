import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def grant_what_is_used(apps, _editor):
    """Where hosts are opened by a key, an admin over everything has brought it."""
    hosts = apps.get_model("fleet", "Host").objects.order_by()
    grants = apps.get_model("fleet", "KeyGrant").objects
    now = timezone.now()
    for key, environment in hosts.values_list("key", "environment").distinct():
        grants.get_or_create(
            key_id=key, environment_id=environment, defaults={"created_at": now}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0009_drift"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="key_grants",
                        to="fleet.environment",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="fleet.sshkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "environment"), name="one_grant_per_key_and_environment"
                    )
                ],
            },
        ),
        migrations.RunPython(grant_what_is_used, migrations.RunPython.noop),
    ]
