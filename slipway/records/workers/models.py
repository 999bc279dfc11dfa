"""Workers, and the two things that can be said of one."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class WorkerQuerySet(models.QuerySet["Worker"]):
    def living(self) -> Self:
        """Those that nobody has declared dead: what they have is not for others to take."""
        return self.filter(dead_at=None)

    def heard(self) -> Self:
        """Those that beat, by the database's clock: what people are told. Who was silent for longer
        may be declared dead at any moment."""
        silence = timedelta(seconds=settings.SLIPWAY_WORKER_DEAD_AFTER)
        return self.living().filter(beat_at__gte=Now() - silence)


class Worker(models.Model):
    """A worker process of one boot, alive as long as it beats."""

    id = models.CharField(max_length=96, primary_key=True)  # host:slot:uuid
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)  # the database's clock
    clock_at = models.DateTimeField(null=True)  # its own clock at that beat
    version = models.CharField(
        max_length=64, null=True
    )  # of Slipway; None: from before it was kept
    dead_at = models.DateTimeField(null=True)  # set once, by whoever declares it dead
    taken_over_by = models.CharField(max_length=96, blank=True, default="")

    objects = WorkerQuerySet.as_manager()

    class Meta:
        app_label = "rollouts"

    def __str__(self) -> str:
        return self.id

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far its clock is ahead of the database's; None where it has not said."""
        return self.clock_at - self.beat_at if self.clock_at else None
