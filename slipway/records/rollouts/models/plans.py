"""Plans that were looked at: kept for a while, so that a start can say what has changed since."""

from django.db import models


class ShownPlan(models.Model):
    """A plan that somebody looked at, under the hash that a start of it names."""

    hash = models.CharField(max_length=64, primary_key=True)
    plan = models.JSONField()
    shown_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.hash[:8]
