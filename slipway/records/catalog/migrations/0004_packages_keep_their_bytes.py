from django.db import migrations

from slipway.records.rows.writing.triggers import (drops, refuse)

SAME = ("sha256", "size", "unpacked_size", "format", "filename", "path", "created_at")


class Migration(migrations.Migration):
    """Of a package nothing changes but whether its bytes are still here."""

    dependencies = [("catalog", "0003_builds")]
    operations = [
        migrations.RunPython(drops("packages_stay", "catalog_package"), migrations.RunPython.noop),
        refuse(
            "packages_keep_their_bytes",
            table="catalog_package",
            on="UPDATE",
            message="a package is never changed",
            when=(
                " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in SAME),
                " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SAME),
            ),
        ),
        # SQLite forgets a table's triggers when a migration rebuilds it: said again.
        migrations.RunPython(
            drops("made_versions_stay", "micro_service_version"), migrations.RunPython.noop
        ),
        refuse(
            "made_versions_stay",
            table="micro_service_version",
            on="UPDATE",
            message="a version is never changed once it is made",
            when=("OLD.status >= 2", "OLD.status >= 2"),
        ),
    ]
