from django.db import migrations

from slipway.records.rows.writing.triggers import (refuse)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        refuse(
            "audit_events_stay",
            table="audit_event",
            on="UPDATE OR DELETE",
            message="audit events are never changed or removed",
        )
    ]
