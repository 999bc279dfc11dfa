"""Releases by value: a version, and how it is run."""

from functools import cached_property

from django.db import models

from slipway.core.rollout.value import history
from slipway.records.catalog.models.services import Version
from slipway.records.rows.plain_rows import PlainRow


class Release(PlainRow):
    """What should be on a place: a version with the settings it is run by.

    `spec` is the whole release spec, defaults and the service's own settings included. One without
    a fingerprint is from before they were kept: it is run as its version would be now.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="releases")
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    spec = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "fingerprint"], name="one_release_of_a_fingerprint"
            )
        ]

    @cached_property
    def value(self) -> history.Release:
        """What it stands for. A release never becomes another one: a plan asks a dozen times for
        each of its places."""
        return history.Release(self.version.name, self.fingerprint)

    def __str__(self) -> str:
        return f"{self.version} {self.fingerprint[:8]}"
