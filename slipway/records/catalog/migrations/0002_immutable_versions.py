from django.db import migrations

from slipway.records.rows.writing.triggers import (refuse)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        refuse(
            "made_versions_stay",
            table="micro_service_version",
            on="UPDATE",
            message="a version is never changed once it is made",
            # 0 pending and 1 building are still being made.
            when=("OLD.status >= 2", "OLD.status >= 2"),
        ),
        refuse(
            "packages_stay",
            table="catalog_package",
            on="UPDATE",
            message="a package is never changed",
        ),
    ]
