"""Environments, hosts and instances: what is wanted, and what was seen."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from slipway.core.hosts.drift_words import Drift, What, kept
from slipway.core.words.instances import FAILED, InstanceStatus
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.rows.plain_rows import PlainRow
from slipway.records.rows.secrets.encrypted import EncryptedTextField
from slipway.records.rows.sentences import SentenceField

USER = settings.AUTH_USER_MODEL
HOST_NAME = r"^[0-9A-Za-z]([0-9A-Za-z._-]{0,126}[0-9A-Za-z])?$"
PLAIN_NAME = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
GUARDED = 30  # environments from this order on want a name typed


class Environment(models.Model):
    """A named set of hosts rolled out together, and the rules that hold there."""

    name = models.CharField(max_length=64, unique=True)
    order = models.PositiveSmallIntegerField(default=0)
    approvals_needed = models.PositiveSmallIntegerField(default=0)
    freeze_windows = models.JSONField(default=list)  # [{"from": ISO 8601, "until": …, "reason": …}]
    batches = models.CharField(max_length=64, default="1 25%")
    max_unavailable = models.CharField(max_length=8, default="25%")
    failure_budget = models.CharField(max_length=8, default="10%")
    left_out_budget = models.CharField(max_length=8, default="10%")
    canary_budget = models.PositiveSmallIntegerField(default=0)
    bake_time = models.DurationField()  # between batches
    progress_deadline = models.DurationField()
    watch_time = models.DurationField(default=timedelta(minutes=1))  # after the last batch
    patience = models.DurationField(default=timedelta(minutes=10))  # then it stops asking
    promotion_needed = models.BooleanField(default=False)
    automatic_rollback = models.BooleanField(default=True)
    # Nothing comes that runs as root, or as nobody who is named.
    named_user_needed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=PLAIN_NAME), name="environment_name_is_a_plain_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_guarded(self) -> bool:
        """Whether what starts or widens work here is confirmed by a name."""
        return self.order >= GUARDED


class SshKey(models.Model):
    """A private key to log in to hosts with: kept encrypted, never shown again."""

    name = models.CharField(max_length=64, unique=True)
    private_key = EncryptedTextField()
    public_key = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class KeyGrant(models.Model):
    """That hosts of an environment may be opened by a key: an admin over everything said so."""

    key = models.ForeignKey(SshKey, models.CASCADE, related_name="grants")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="key_grants")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "environment"], name="one_grant_per_key_and_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} in {self.environment}"


class HostState(models.TextChoices):
    UNKNOWN = "unknown", "never reached"
    OK = "ok", "ok"
    UNREACHABLE = "unreachable", "unreachable"
    MAINTENANCE = "maintenance", "maintenance"


class Become(models.TextChoices):
    NONE = "none", "not at all"
    SUDO = "sudo", "sudo"


class Host(PlainRow):
    """A machine reached by SSH."""

    name = models.CharField(max_length=253, unique=True)
    address = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=64)
    root = models.CharField(max_length=255, default="/opt/slipway")
    become = models.CharField(max_length=8, choices=Become.choices, default=Become.NONE)
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="hosts")
    key = models.ForeignKey(SshKey, models.PROTECT, related_name="hosts")
    labels = models.JSONField(default=dict)
    host_key = models.TextField(blank=True, default="")  # learnt once, on request
    state = models.CharField(max_length=16, choices=HostState.choices, default=HostState.UNKNOWN)
    problem = SentenceField()  # why the last look failed
    facts = models.JSONField(default=dict)  # core.hosts.facts.HostFacts
    checked_at = models.DateTimeField(null=True)  # because somebody asked for it
    looked_at = models.DateTimeField(null=True)  # by anybody, whatever came of it
    machine_since = models.DateTimeField(null=True)  # what was seen before was on another one
    last_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=HOST_NAME), name="host_name_is_a_plain_name"
            ),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535), name="host_port_is_a_port"
            ),
            models.CheckConstraint(
                condition=Q(state__in=HostState.values), name="host_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(become__in=Become.values), name="host_become_is_known"
            ),
        ]
        indexes = [models.Index(Lower("address"), "port", name="hosts_by_address")]

    def __str__(self) -> str:
        return self.name


class HostCheck(models.Model):
    """A wish to look at a host, and what came of it. A worker does it."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="checks")
    group = models.UUIDField(db_index=True)  # checks asked for together
    learn_key = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    claimed_by = models.CharField(max_length=96, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, db_index=True)
    ok = models.BooleanField(null=True)
    code = models.CharField(max_length=64, blank=True, default="")  # of the refusal, when not ok
    problem = SentenceField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None, ok=None)
                | Q(finished_at__isnull=False, ok__isnull=False),
                name="finished_check_says_how_it_went",
            )
        ]
        indexes = [
            models.Index(fields=["finished_at", "claimed_at"], name="checks_nobody_has_done")
        ]

    def __str__(self) -> str:
        return f"check of {self.host}"


class InstanceQuerySet(models.QuerySet["Instance"]):
    def of(self, service: Service, environment: Environment) -> Self:
        return self.filter(service=service, environment=environment)

    def with_names(self) -> Self:
        """Everything that showing an instance needs, in the same query."""
        return self.select_related(
            "service",
            "environment",
            "host",
            "version__package",
            "previous_version__package",
            "locked_by",
        )

    def for_status(self) -> Self:
        """No more than what the status of an instance is derived from."""
        named = ("service", "environment", "host", "version")
        return self.select_related(*named).only(
            *(f"{name}__name" for name in named),
            *("port", "status", "healthy", "seen_version", "seen_link", "seen_drift"),
            *("seen_at", "seen_why"),
        )

    def not_as_wanted(self) -> Self:
        """Those that may have drifted, are ill or have failed; which of it, their status says."""
        # Written as filters: exclude() would also return what was never looked at.
        wanted = F("version__name")
        other = ~Q(seen_version=wanted) | ~Q(seen_link__in=("", wanted))
        other |= ~Q(
            seen_drift__in=("", kept((Drift(What.UNREAD),)))
        )  # what is not known is no drift
        should_run = Q(status=InstanceStatus.RUNNING, version__isnull=False, seen_at__isnull=False)
        return self.filter((should_run & other) | Q(status__in=FAILED) | Q(healthy=False))


class Instance(PlainRow):
    """One service on one host and port: wanted and seen version."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="instances")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="instances")
    host = models.ForeignKey(Host, models.PROTECT, related_name="instances")
    port = models.PositiveIntegerField(default=0)  # 0: the service has no port
    tag = models.CharField(max_length=64, blank=True, default="")
    weight = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(1000)])
    description = models.TextField(blank=True, default="")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")  # wanted
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")  # wanted
    up = models.BooleanField(default=True)  # a standing order: stopped on purpose stays stopped
    # A way back that could not be gone: paid by the next driver or a retry.
    owed = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    seen_version = models.CharField(max_length=128, blank=True, default="")  # observed, by name
    seen_link = models.CharField(max_length=128, blank=True, default="")  # version linked there
    seen_fingerprint = models.CharField(max_length=64, blank=True, default="")  # of what is linked
    seen_started_with = models.CharField(max_length=80, blank=True, default="")
    seen_process = models.CharField(max_length=64, blank=True, default="")
    seen_boot = models.CharField(max_length=64, blank=True, default="")
    seen_drained_by = models.CharField(max_length=128, blank=True, default="")
    seen_hook_owed = models.BooleanField(default=False)
    seen_bare = models.BooleanField(null=True)  # nothing of it lies there; None: not known
    seen_drift = models.TextField(blank=True, default="", db_default="")  # core.drift: a line each
    seen_why = SentenceField()  # it is not well
    seen_at = models.DateTimeField(null=True)
    previous_version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    healthy = models.BooleanField(null=True)  # None: never observed
    status = models.PositiveSmallIntegerField(choices=[(s.value, s.word) for s in InstanceStatus])
    locked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    locked_reason = models.TextField(blank=True, default="")
    locked_at = models.DateTimeField(null=True)
    is_maintain = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    objects = InstanceQuerySet.as_manager()

    class Meta:
        db_table = "micro_service_instance"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "host", "port"], name="one_instance_per_service_host_and_port"
            ),
            models.CheckConstraint(
                condition=Q(port__gte=0, port__lte=65535), name="instance_port_is_a_port"
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=1000), name="instance_weight_is_0_to_1000"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in InstanceStatus]),
                name="instance_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(previous_version=None) | ~Q(previous_version=F("version")),
                name="previous_version_differs_from_version",
            ),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_by=None)
                | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="locked_instance_has_a_holder",
            ),
        ]
        indexes = [models.Index(fields=["service", "environment"], name="instances_of_a_service")]

    @property
    def said(self) -> Sentence:
        """What it is called inside a sentence."""
        place = place_name(str(self.host), self.port)
        return Sentence.of(
            "instance", "{service} on {place}", service=str(self.service), place=place
        )

    def __str__(self) -> str:
        return self.said.english
