"""Build servers, and how a look at one went."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from slipway.core.builds.orders import ServerKind
from slipway.core.words.sentence import Sentence
from slipway.records.rows.secrets.encrypted import EncryptedTextField

USER = settings.AUTH_USER_MODEL


class BuildServer(models.Model):
    """What builds for us: a GitLab, a Jenkins, or commands on the worker itself."""

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ServerKind])
    base_url = models.CharField(max_length=1024, blank=True, default="")
    username = models.CharField(max_length=255, blank=True, default="")
    credential = EncryptedTextField(blank=True, default="")  # written, never shown
    ca_certificate = models.TextField(blank=True, default="")  # PEM
    proxy = models.CharField(max_length=1024, blank=True, default="")
    package_bases = models.JSONField(default=list)  # where packages may lie besides the server
    hook_secret = EncryptedTextField(blank=True, default="")  # of its webhooks
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ServerKind]),
                name="build_server_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind=ServerKind.COMMAND) | ~Q(base_url=""),
                name="build_server_that_is_elsewhere_has_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServerCheck(models.Model):
    """A wish to see whether a build server works, and what was found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    server = models.ForeignKey(BuildServer, models.CASCADE, related_name="checks")
    project = models.CharField(max_length=1024, blank=True, default="")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)  # [{"said": a sentence, "works"}]

    class Meta:
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(finished_at=None),
                name="waiting_server_checks",
            )
        ]

    def __str__(self) -> str:
        return f"check of {self.server}"

    @property
    def found(self) -> list[tuple[Sentence, bool]]:
        """What was found, and whether it works."""
        return [(Sentence.from_json(f["said"]), bool(f["works"])) for f in self.findings]

    @property
    def works(self) -> bool:
        return self.finished_at is not None and all(f["works"] for f in self.findings)
