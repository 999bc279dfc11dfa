"""Services, their versions, and the packages those are made of."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models.servers import BuildServer
from slipway.records.rows.plain_rows import PlainRow
from slipway.records.rows.secrets.encrypted import EncryptedTextField

USER = settings.AUTH_USER_MODEL


class Language(models.TextChoices):
    CPP = "cpp", "C++"
    GO = "go", "Go"
    PYTHON = "python", "Python"
    JAVA = "java", "Java"
    NODE = "node", "Node.js"
    OTHER = "other", "Other"


class BuildOrigin(models.TextChoices):
    GITLAB = "gitlab", "GitLab CI"
    JENKINS = "jenkins", "Jenkins"
    COMMAND = "command", "Command"
    UPLOAD = "upload", "Upload"


class Service(PlainRow):
    """Something we release."""

    name = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=16, choices=Language.choices, default=Language.OTHER)
    build_origin = models.CharField(
        max_length=16, choices=BuildOrigin.choices, default=BuildOrigin.UPLOAD
    )
    build_url = models.CharField(max_length=1024, blank=True, default="")
    build_server = models.ForeignKey(
        BuildServer, models.PROTECT, null=True, related_name="services"
    )
    build_project = models.CharField(max_length=1024, blank=True, default="")
    build = models.JSONField(default=dict)  # core.build_settings
    hook_secret = EncryptedTextField(blank=True, default="")  # of its webhooks; never shown
    keep_versions = models.PositiveIntegerField(null=True)  # packages kept; None: all
    default_ref = models.CharField(max_length=255, default="main")
    description = models.TextField(blank=True, default="")
    labels = models.JSONField(default=dict)
    spec = models.JSONField(default=dict)  # overrides the package's slipway.yaml, key by key
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "micro_service"
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"),
                name="service_name_is_a_plain_name",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="service_language_is_known"
            ),
            models.CheckConstraint(
                condition=Q(build_origin__in=BuildOrigin.values), name="service_origin_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StarredService(models.Model):
    """A service that somebody wants to see first."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service"], name="one_star_per_person_and_service"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} for {self.user}"


class Package(PlainRow):
    """The stored bytes of one or more versions, named by their sha256.

    `format`, `filename` and `unpacked_size` are as the bytes first came; how they came as a version
    is said by the version.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()  # bytes
    unpacked_size = models.BigIntegerField(default=0)
    format = models.CharField(max_length=16)  # core.steps.PackageFormat
    filename = models.CharField(max_length=255)
    path = models.CharField(max_length=255)  # inside the store
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)  # its bytes were let go; its versions stay known

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="package_is_named_by_its_sha256"
            ),
            models.CheckConstraint(condition=Q(size__gte=0), name="package_size_is_not_negative"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="newest_packages_first")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Version(PlainRow):
    """One immutable, named result of building one commit."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    name = models.CharField(max_length=128)
    ref = models.CharField(max_length=255, blank=True, default="")
    commit = models.CharField(max_length=64, blank=True, default="")
    description = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(choices=[(s.value, s.word) for s in VersionStatus])
    package = models.ForeignKey(Package, models.PROTECT, null=True, related_name="versions")
    # How its package was uploaded; None: as the package first came, from before it was kept here.
    filename = models.CharField(max_length=255, null=True)
    format = models.CharField(max_length=16, null=True)  # core.steps.PackageFormat
    unpacked_size = models.BigIntegerField(null=True)
    spec = models.JSONField(default=dict)  # the package's slipway.yaml as it was taken in
    # What the package holds where a shared folder will be: {folder: digest}; None: not looked at.
    hidden_content = models.JSONField(null=True)
    service_spec = models.JSONField(null=True)  # what the service itself said then; None: not kept
    build_url = models.CharField(max_length=1024, blank=True, default="")
    build_log = models.TextField(blank=True, default="")  # its end; the whole is with the build
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "micro_service_version"
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="one_version_of_a_name"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in VersionStatus]),
                name="version_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=VersionStatus.SUCCESS) | Q(package__isnull=False),
                name="successful_version_has_a_package",
            ),
        ]
        indexes = [models.Index(fields=["service", "-created_at"], name="newest_versions_first")]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"
