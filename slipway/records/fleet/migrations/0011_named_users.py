from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0010_key_grants'),
    ]

    operations = [
        migrations.AddField(
            model_name='environment',
            name='named_user_needed',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
