"""Builds, what they print, and what build servers told us without being asked."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.records.catalog.models.servers import BuildServer
from slipway.records.catalog.models.services import Service, Version
from slipway.records.rows.sentences import SentenceField


class BuildOriginator(models.TextChoices):
    """Who wanted a build."""

    ASKED = "asked", "asked for here"
    SERVER = "server", "started on the build server"
    LATE = "late", "a success that came late, taken after all"


class Build(models.Model):
    """One attempt to make a version."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="build")
    service = models.ForeignKey(Service, models.PROTECT, related_name="builds")
    server = models.ForeignKey(BuildServer, models.PROTECT, null=True, related_name="builds")
    # Frozen when it was asked for, whatever the service says later.
    project = models.CharField(max_length=1024)
    settings = models.JSONField(default=dict)  # core.build_settings
    variables = models.JSONField(default=dict)  # of this build alone
    correlation = models.CharField(max_length=64, unique=True)
    originator = models.CharField(max_length=16, choices=BuildOriginator.choices)
    commit_asked = models.CharField(max_length=64, blank=True, default="")  # no other will do
    forced = models.BooleanField(default=False)  # also when the commit is built already
    # What is known of it.
    stage = models.CharField(max_length=16, choices=[(s.value, s.value) for s in BuildStage])
    external_id = models.CharField(max_length=512, blank=True, default="")
    superseded = models.BooleanField(default=False)  # another build has taken its success
    starts = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True)
    seen = models.CharField(max_length=16, blank=True, default="")  # core.builds.SeenStatus
    says = SentenceField()  # what is under way there, or why it failed
    looked_at = models.DateTimeField(null=True)
    trouble = models.PositiveIntegerField(default=0)  # failed questions in a row
    retry_at = models.DateTimeField(null=True)
    problem = SentenceField()  # of the last failed question
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)  # the server took the wish
    log_position = models.TextField(blank=True, default="")  # the adapter's own
    log_size = models.PositiveIntegerField(default=0)  # characters kept
    # How it ended.
    reason = SentenceField()
    duplicate_of = models.ForeignKey(Version, models.PROTECT, null=True, related_name="duplicates")
    late_at = models.DateTimeField(null=True)  # a success was seen after the end
    # Who drives it, and when somebody has to look.
    claimed_by = models.CharField(max_length=96, blank=True, default="")
    claim = models.BigIntegerField(default=0)  # grows with every claim; each write carries it
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "server", "project", "external_id"],
                condition=~Q(external_id="") & Q(superseded=False),
                name="one_build_here_per_build_there",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=[s.value for s in BuildStage]), name="build_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(seen="") | Q(seen__in=[s.value for s in SeenStatus]),
                name="build_seen_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(stage=BuildStage.OVER, finished_at__isnull=False)
                | (~Q(stage=BuildStage.OVER) & Q(finished_at=None)),
                name="build_is_finished_when_it_is_over",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="builds_to_look_at"
            ),
            models.Index(fields=["finished_at"], name="builds_by_their_end"),
        ]

    def __str__(self) -> str:
        return f"build {self.pk}"

    @property
    def late_offer(self) -> datetime | None:
        """When it ended well after it was given up, if nobody has taken that."""
        return None if self.superseded else self.late_at


class BuildLogPart(models.Model):
    """What a build printed between two looks at it."""

    build = models.ForeignKey(Build, models.CASCADE, related_name="log_parts")
    start = models.PositiveIntegerField()  # characters before it
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["build", "start"], name="one_log_part_at_a_place")
        ]

    def __str__(self) -> str:
        return f"log of {self.build_id} from {self.start}"


class BuildPoll(models.Model):
    """How far we have looked at what others start on a service's build server."""

    service = models.OneToOneField(Service, models.CASCADE, related_name="build_poll")
    seen_until = models.DateTimeField()
    due_at = models.DateTimeField()
    problem = SentenceField()

    def __str__(self) -> str:
        return f"poll of {self.service}"


class Delivery(models.Model):
    """What a webhook told us: a hint to look, never a truth. The same one twice is one row."""

    source = models.CharField(max_length=16)  # gitlab, jenkins, generic
    key = models.CharField(max_length=128)  # what tells it from others, for seven days
    service = models.ForeignKey(Service, models.CASCADE, related_name="deliveries")
    server = models.ForeignKey(BuildServer, models.CASCADE, null=True, related_name="deliveries")
    event = models.CharField(max_length=64, blank=True, default="")
    external_id = models.CharField(max_length=512, blank=True, default="")
    ref = models.CharField(max_length=255, blank=True, default="")
    commit = models.CharField(max_length=64, blank=True, default="")
    source_address = models.CharField(max_length=64, blank=True, default="")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: handled
    attempts = models.PositiveIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    outcome = SentenceField()
    build = models.ForeignKey(Build, models.SET_NULL, null=True, related_name="deliveries")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "source", "key"], name="one_delivery_of_a_key"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="deliveries_to_handle"
            ),
            models.Index(fields=["-received_at"], name="newest_deliveries_first"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class Comparison(models.Model):
    """The commits between two commits of a service, asked of its build server once."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="comparisons")
    base = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: answered
    attempts = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    commits = models.JSONField(default=list)  # [{"id", "title", "author", "at", "url"}]
    total = models.PositiveIntegerField(default=0)
    url = models.CharField(max_length=2048, blank=True, default="")
    problem = SentenceField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "base", "head"], name="one_comparison_of_two_commits"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="comparisons_to_make"
            )
        ]

    def __str__(self) -> str:
        return f"{self.base[:8]}…{self.head[:8]}"
