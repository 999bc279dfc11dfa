from django.db import migrations, models


class Migration(migrations.Migration):
    """The newest packages are found without sorting all there are."""

    dependencies = [("catalog", "0013_ends_of_builds")]
    operations = [
        migrations.AddIndex(
            model_name="package",
            index=models.Index(fields=["-created_at", "-id"], name="newest_packages_first"),
        )
    ]
