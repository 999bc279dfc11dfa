from django.db import migrations

from slipway.records.rows.writing.triggers import (refuse_replacing)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_causes")]
    operations = [
        refuse_replacing(
            "audit_events_are_not_replaced",
            table="audit_event",
            message="audit events are never changed or removed",
        )
    ]
