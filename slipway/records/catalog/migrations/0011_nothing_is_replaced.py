from django.db import migrations

from slipway.records.rows.writing.triggers import (refuse, refuse_removing)

RELEASE = ("id", "version_id", "fingerprint", "spec", "made_at")


class Migration(migrations.Migration):
    """What was made is neither removed nor put in another's place: versions, packages, releases."""

    dependencies = [("catalog", "0010_content_that_shared_folders_hide")]
    operations = [
        refuse_removing(
            "made_versions_are_not_replaced",
            table="micro_service_version",
            message="a version is never changed once it is made",
            keys=("service_id,name",),
            when="ROW.status >= 2",
        ),
        refuse_removing(
            "packages_are_not_replaced",
            table="catalog_package",
            message="a package is never changed",
            keys=("sha256",),
        ),
        refuse(
            "packages_keep_their_number",
            table="catalog_package",
            on="UPDATE",
            message="a package is never changed",
            when=("NEW.id IS NOT OLD.id", "NEW.id IS DISTINCT FROM OLD.id"),
        ),
        refuse(
            "releases_stay",
            table="catalog_release",
            on="UPDATE",
            message="a release is never changed",
            when=(
                " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in RELEASE),
                " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in RELEASE),
            ),
        ),
        refuse_removing(
            "releases_are_not_replaced",
            table="catalog_release",
            message="a release is never changed",
            keys=("version_id,fingerprint",),
        ),
    ]
