"""People, what they may do where, and the tokens their programs use."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from slipway.core.words.roles import Role
from slipway.records.rows.secrets.encrypted import EncryptedTextField


class User(AbstractUser):
    """A person, or a program with an account of its own. Superusers are admins everywhere."""

    language = models.CharField(max_length=10, blank=True, default="")
    theme = models.CharField(max_length=10, blank=True, default="")


class Grant(models.Model):
    """A role that a person has: everywhere, or for one service, or one environment, or both.

    The service and the environment are kept by name: the rooms that know them are above this one.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    service = models.CharField(max_length=64, blank=True, default="")
    environment = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "service", "environment"], name="one_grant_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role]), name="grant_has_a_known_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.service or '*'} in {self.environment or '*'}"


class Token(models.Model):
    """A key for a program: never more than its owner may at the moment of use."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    # The token that made it: what that may no more, this may no more.
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)  # sha256 of 256 random bits, hexadecimal
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    service = models.CharField(max_length=64, blank=True, default="")
    environment = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(revoked_at=None),
                name="one_live_token_per_name_and_owner",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role]), name="token_has_a_known_role"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="token_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class RememberedRequest(models.Model):
    """A POST that came with an Idempotency-Key, and the answer it got."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)  # sha256 of method, path and body
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_idempotency_key")
        ]

    def __str__(self) -> str:
        return self.key


class LoginAttempt(models.Model):
    """A login that failed: too many of them slow the next ones down."""

    username = models.CharField(max_length=150)
    source = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["username", "source", "at"], name="attempts_by_who_and_where")
        ]

    def __str__(self) -> str:
        return f"{self.username} from {self.source}"


class LoginGate(models.Model):
    """One row, held while attempts are counted and one more is written: by one at a time, of all
    processes."""

    def __str__(self) -> str:
        return "of this installation"


class LoginPlace(models.Model):
    """From where somebody has logged in: others' guesses from there, or at them, slow others."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    source = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "source"], name="one_row_per_login_place")
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.source}"


class KeyProbe(models.Model):
    """Something encrypted that is always there: a key file that does not read it is another's."""

    text = EncryptedTextField()

    class Meta:
        verbose_name = "probe of the key file"

    def __str__(self) -> str:
        return "of this database"
