from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_never_replaced'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['verb', 'at'], name='events_of_a_verb_by_time'),
        ),
    ]
