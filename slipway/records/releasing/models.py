"""What goes on without people: releases on build, and packages that are let go."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models.rollouts import Rollout
from slipway.records.rows.sentences import SentenceField

USER = settings.AUTH_USER_MODEL


class ReleaseRule(models.Model):
    """The wish that every new version made of certain refs is released in an environment."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="release_rules")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="release_rules")
    refs = models.JSONField(default=list)  # patterns: core.builds.settings.matches
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField()  # versions made before are people's to release
    # The newest version that it has released, or will not release any more.
    last_version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    last_rollout = models.ForeignKey(Rollout, models.PROTECT, null=True, related_name="+")
    problem = SentenceField()  # why the newest version is not released
    attempts = models.PositiveIntegerField(default=0)  # refused in a row
    due_at = models.DateTimeField()  # not looked at earlier
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        app_label = "rollouts"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "environment"],
                name="one_release_rule_per_service_and_environment",
            )
        ]

    def __str__(self) -> str:
        return f"release rule of {self.service} in {self.environment}"


class RetentionRun(models.Model):
    """One pass over the packages: asked for by a person, or the one of a day."""

    service = models.ForeignKey(
        Service, models.CASCADE, null=True, related_name="retention_runs"
    )  # None: all
    day = models.DateField(null=True, unique=True)  # of the daily run; None: asked for
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    claimed_by = models.CharField(max_length=96, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)  # a claim grows old: whoever made it has died
    finished_at = models.DateTimeField(null=True)
    packages = models.PositiveIntegerField(default=0)  # let go
    freed_bytes = models.BigIntegerField(default=0)
    problem = SentenceField()

    class Meta:
        app_label = "rollouts"
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(finished_at=None),
                name="waiting_retention_runs",
            )
        ]

    def __str__(self) -> str:
        return f"retention run {self.pk}"
