from django.db import migrations, models


class Migration(migrations.Migration):
    """What is being built, and what went wrong of late, is found without reading every build."""

    dependencies = [("catalog", "0012_words_of_builds")]
    operations = [
        migrations.AddIndex(
            model_name="build",
            index=models.Index(fields=["finished_at"], name="builds_by_their_end"),
        )
    ]
