"""Rollouts and their parts: what was asked, and what happened, step by step."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Heading, Stage
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.fleet.models import Environment, Host, Instance
from slipway.records.rows.plain_rows import PlainRow
from slipway.records.rows.sentences import SentenceField

USER = settings.AUTH_USER_MODEL
ACTIVE = (RolloutStatus.PENDING, RolloutStatus.RUNNING, RolloutStatus.PAUSED)
UNDER_WAY = Q(finished_at=None)  # asked by what has an index: a list of states has none
TO_BE_DRIVEN = UNDER_WAY | Q(watching=True)
OVER = tuple(status for status in RolloutStatus if status.is_over)


class Rollout(PlainRow):
    """The wish to bring instances of a service in one environment to a version."""

    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in RolloutKind])
    service = models.ForeignKey(Service, models.PROTECT, related_name="rollouts")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="rollouts")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="rollouts")
    reverts = models.ForeignKey("self", models.PROTECT, null=True, related_name="rollbacks")
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retries")
    automatic = models.BooleanField(default=False)  # started by the system itself
    # How: frozen when it was started, whatever the environment says later.
    batches = models.CharField(max_length=64)
    max_unavailable = models.PositiveIntegerField()
    failures_allowed = models.PositiveIntegerField()
    canary_failures_allowed = models.PositiveIntegerField(default=0)
    bake_time = models.DurationField()
    progress_deadline = models.DurationField()
    promotion_needed = models.BooleanField(default=False)
    automatic_rollback = models.BooleanField(default=True)
    plan = models.JSONField(default=dict)
    plan_hash = models.CharField(max_length=64)
    # What people wish of it while it runs: data, not calls.
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RolloutStatus])
    cancel_requested = models.BooleanField(default=False)
    promoted_batches = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, default="")  # why it was asked for
    # How far it has come as a whole (core.rollout.value): written by its driver alone.
    format = models.PositiveSmallIntegerField(default=0)  # 0: from before values were kept
    driven = models.FloatField(default=0)  # seconds in which somebody drove it
    is_paused = models.BooleanField(default=False)  # by a person; one that asks is paused, too
    asks = models.JSONField(null=True)  # the question that Slipway asks
    answered = models.JSONField(default=list)  # codes of questions that were answered
    without = models.JSONField(default=list)  # places that a person left out on the way
    gone = models.JSONField(default=list)  # places that are gone, a person said
    halted = models.CharField(max_length=16, blank=True, default="")  # the cause of a halt
    is_proven_guilty = models.BooleanField(default=False)
    withdrawn = models.JSONField(default=list)  # versions it has withdrawn
    end = models.CharField(max_length=32, blank=True, default="")
    ended_driven = models.FloatField(default=0)
    watching = models.BooleanField(default=False)  # over, and looked after for a while
    heard = models.BigIntegerField(default=0)  # the last of people's words that its driver heard
    cause = SentenceField()  # why the system itself asked for it
    outcome = SentenceField()  # why it ended as it did
    # Who drives it: a later claim has a higher epoch, and every write carries it.
    driver = models.CharField(max_length=96, blank=True, default="")
    driver_since = models.DateTimeField(null=True)
    epoch = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)  # grows with every chain sent to a host
    rev = models.BigIntegerField(default=0)  # bumped by every change of the rollout or its parts
    last_progress_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "environment"],
                condition=UNDER_WAY,
                name="one_active_rollout_per_service_and_environment",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in RolloutKind]), name="rollout_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in RolloutStatus]),
                name="rollout_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ACTIVE], finished_at=None)
                | Q(state__in=[s.value for s in OVER], finished_at__isnull=False),
                name="rollout_is_finished_when_it_is_over",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="newest_rollouts_first"),
            models.Index(fields=["finished_at"], name="rollouts_by_their_end"),
            models.Index(fields=["service", "environment", "id"], name="rollouts_of_a_place"),
            models.Index(fields=["state", "-created_at"], name="rollouts_of_a_state"),
            models.Index(
                fields=["created_at"], condition=TO_BE_DRIVEN, name="rollouts_to_be_driven"
            ),
        ]

    def __str__(self) -> str:
        return f"rollout {self.pk}"


class Target(PlainRow):
    """One instance's part in one rollout. Host and port stay when the instance is gone."""

    rollout = models.ForeignKey(Rollout, models.PROTECT, related_name="targets")
    instance = models.ForeignKey(Instance, models.SET_NULL, null=True, related_name="targets")
    host = models.ForeignKey(Host, models.PROTECT, related_name="targets")
    port = models.PositiveIntegerField(default=0)
    from_version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    to_version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    # The same as values: what is brought, and the ways back as the plan has fixed them.
    from_release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    to_release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    back_release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    next_back_release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    # How far it has come (core.rollout.value.Target); `state` is the one word for it.
    stage = models.CharField(
        max_length=16, default=Stage.DUE, choices=[(s.value, s.value) for s in Stage]
    )
    heading = models.CharField(
        max_length=8, default=Heading.FORTH, choices=[(h.value, h.value) for h in Heading]
    )
    way = models.CharField(max_length=16, blank=True, default="")
    cause = models.CharField(max_length=16, blank=True, default="")
    owed = models.BooleanField(default=False)
    goes_further = models.BooleanField(default=False)
    losses = models.PositiveSmallIntegerField(default=0)
    reprieved = models.BooleanField(default=False)
    since = models.FloatField(default=0)  # driven seconds when its stage began
    process = models.CharField(max_length=64, blank=True, default="")
    boot = models.CharField(max_length=64, blank=True, default="")
    created_instance = models.BooleanField(default=False)  # the rollout made the instance
    was_healthy = models.BooleanField(default=True)
    was_stopped = models.BooleanField(default=False)
    status_before = models.PositiveSmallIntegerField(null=True)  # of the instance
    batch = models.PositiveIntegerField()  # from 1
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in TargetStatus])
    touched = models.BooleanField(default=False)  # a step that changes the instance was begun
    attempts = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=32, blank=True, default="")  # under way, or the last one
    problem = SentenceField()  # why it failed: which host, what, what next
    bytes_to_move = models.BigIntegerField(default=0)
    rev = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "host", "port"], name="one_target_per_rollout_host_and_port"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in TargetStatus]),
                name="target_state_is_known",
            ),
            models.CheckConstraint(condition=Q(batch__gte=1), name="target_batch_counts_from_1"),
        ]
        indexes = [models.Index(fields=["rollout", "rev"], name="changed_targets_of_a_rollout")]

    def __str__(self) -> str:
        return f"{self.host} in {self.rollout_id}"


class Step(PlainRow):
    """One command on one host: ticket, exit status, output."""

    target = models.ForeignKey(Target, models.PROTECT, related_name="steps")
    name = models.CharField(max_length=32)
    heading = models.CharField(max_length=8, default=Heading.FORTH)
    attempt = models.PositiveIntegerField(default=1)  # on that heading
    order = models.PositiveSmallIntegerField()
    ticket = models.CharField(max_length=96, unique=True)
    started_at = models.DateTimeField(null=True)  # the intent, written before the effect
    finished_at = models.DateTimeField(null=True)
    exit_code = models.IntegerField(null=True)
    bytes_moved = models.BigIntegerField(default=0)
    output = models.TextField(blank=True, default="")
    rev = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "heading", "attempt", "name"],
                name="one_step_of_a_name_per_attempt",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(started_at__isnull=False),
                name="step_starts_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.ticket


class LogLine(models.Model):
    """A line of a rollout's story: what the system says, and what hosts print."""

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="lines")
    target = models.ForeignKey(Target, models.CASCADE, null=True, related_name="lines")
    step = models.CharField(max_length=32, blank=True, default="")
    level = models.CharField(max_length=8, default="info")  # warning, error, output
    sentence = SentenceField()  # what the system says
    text = models.TextField(blank=True, default="")  # what a host printed
    at = models.DateTimeField()
    rev = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["rollout", "rev", "id"], name="lines_of_a_rollout_in_order")
        ]

    def __str__(self) -> str:
        return str(self.sentence or self.text)


class LockQuerySet(models.QuerySet["Lock"]):
    def in_force(self, now: datetime | Now) -> Self:
        """Those that hold: nobody has released them, and their time is not over."""
        return self.filter(Q(until=None) | Q(until__gt=now), released_at=None)


class Lock(models.Model):
    """A stop sign on a service in an environment, held by a person, or left by a rollout."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="locks")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="locks")
    holder = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    rollout = models.ForeignKey(Rollout, models.PROTECT, null=True, related_name="locks")
    reason = models.TextField(blank=True, default="")  # a person's
    cause = SentenceField()  # why a rollout left it
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    release_reason = models.TextField(blank=True, default="")

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "environment"],
                condition=Q(released_at=None),
                name="one_lock_per_service_and_environment",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=False) | Q(rollout__isnull=False),
                name="lock_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="lock_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"lock on {self.service} in {self.environment}"


class Epoch(models.Model):
    """The last epoch given out: one row. Epochs only grow, also across a restored backup."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.BigIntegerField(default=0)
    # What a person has raised it to: a claim from before is let go where a host knows a later one.
    raised = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_epoch_row")]

    def __str__(self) -> str:
        return str(self.value)
