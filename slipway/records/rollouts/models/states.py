"""What was well where, what was withdrawn, and what people said to rollouts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from slipway.core.rollout.value.words import Word
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.fleet.models import Environment, Host
from slipway.records.rollouts.models.rollouts import Rollout

USER = settings.AUTH_USER_MODEL


class WellState(models.Model):
    """An entry of a place's history: a release that was done and well there. Never overwritten.

    `depth` says how many entries lie under it on the way back. Entries of a place that was removed
    are closed: what comes there later is new.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="well_states")
    host = models.ForeignKey(Host, models.PROTECT, related_name="well_states")
    port = models.PositiveIntegerField(default=0)
    release = models.ForeignKey(Release, models.PROTECT, related_name="well_states")
    rollout = models.ForeignKey(Rollout, models.PROTECT, null=True, related_name="well_states")
    depth = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # when the next one came
    closed_at = models.DateTimeField(null=True)  # when the place was removed

    class Meta:
        indexes = [
            # Read from its end: the newest entries of a place, or the newest of lesser depth.
            models.Index(
                fields=["service", "host", "port", "closed_at", "id", "depth", "release"],
                name="well_states_newest_last",
            )
        ]

    def __str__(self) -> str:
        return f"{self.release} on {self.host}"


class Withdrawal(models.Model):
    """A version that is no way back and no source of promotion in an environment, until a person
    clears it or it succeeds when asked for by name."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="withdrawals")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="withdrawals")
    rollout = models.ForeignKey(Rollout, models.PROTECT, null=True, related_name="withdrawals")
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")  # a person's
    since = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    cleared_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "environment"],
                condition=Q(cleared_at=None),
                name="a_version_is_withdrawn_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} withdrawn in {self.environment}"


class PersonsWord(models.Model):
    """What a person said to a rollout under way: data that its driver hears, in this order."""

    rollout = models.ForeignKey(Rollout, models.PROTECT, related_name="words")
    word = models.CharField(max_length=16, choices=[(w.value, w.value) for w in Word])
    place = models.CharField(max_length=300, blank=True, default="")
    answer = models.CharField(max_length=16, blank=True, default="")
    upto = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.word} to rollout {self.rollout_id}"


class LaterClaim(models.Model):
    """What a place refused us with, though our claim stood: it knows a later one, of ours or of
    another installation. A row for each place, so that who lies speaks for itself alone."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="later_claims")
    host = models.ForeignKey(Host, models.CASCADE, related_name="later_claims")
    port = models.PositiveIntegerField(default=0)
    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="later_claims")
    epoch = models.BigIntegerField()  # as the host says
    installation = models.CharField(max_length=128, blank=True, default="")  # "": of ours
    heard_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # when it took a claim of ours again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "host", "port"], name="one_later_claim_per_place"
            )
        ]

    def __str__(self) -> str:
        return f"epoch {self.epoch} on {self.host}"


class Installation(models.Model):
    """Who we are to hosts: one row. A fence of another installation is never raised over."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_installation")]

    def __str__(self) -> str:
        return self.name
