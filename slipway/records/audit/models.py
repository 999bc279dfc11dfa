"""Who did what to which thing, for ever."""

from django.conf import settings
from django.db import models

from slipway.records.rows.sentences import SentenceField


class Event(models.Model):
    """One thing that happened. Written in the transaction of the change; never changed again."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=150)  # "slipway" where the system itself acted
    token = models.CharField(max_length=80, blank=True, default="")
    source = models.CharField(max_length=64, blank=True, default="")  # address the wish came from
    verb = models.CharField(max_length=64, db_index=True)  # "rollout.started"
    thing_kind = models.CharField(max_length=32)
    thing_id = models.CharField(max_length=64)
    thing_name = models.CharField(max_length=255)
    service = models.CharField(max_length=64, blank=True, default="", db_index=True)
    environment = models.CharField(max_length=64, blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True, default="")  # a person's
    cause = SentenceField()  # the system's own

    class Meta:
        indexes = [
            models.Index(fields=["thing_kind", "thing_id"], name="events_of_a_thing"),
            models.Index(fields=["verb", "at"], name="events_of_a_verb_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.thing_name}"
