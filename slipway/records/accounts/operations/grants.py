"""Roles are given and taken."""

from datetime import datetime

from django.db import transaction

from slipway.core.words.refusal import Invalid, NotFound
from slipway.core.words.roles import Action, Role
from slipway.records.accounts.models import Grant, User
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.rows.texts import checked_text, is_storable


@transaction.atomic
def grant_role(
    *, user: User, role: str, service: str, environment: str, by: Actor, now: datetime
) -> Grant:
    """Give `user` a role over a service or all (""), in an environment or all ("").

    Giving what was given already changes nothing. Raises Invalid, Forbidden.
    """
    by.require(Action.MANAGE_ACCESS, service=service, environment=environment)
    grant, created = Grant.objects.get_or_create(
        user=user,
        role=checked_role(role),
        service=checked_text(service, what="service", limit=64),
        environment=checked_text(environment, what="environment", limit=64),
        defaults={"created_at": now, "created_by": by.user},
    )
    if created:
        _tell("grant.given", grant, "after", by, now)
    return grant


@transaction.atomic
def revoke_grant(*, grant: Grant, by: Actor, now: datetime) -> None:
    """Take a role back, at once. Raises Forbidden."""
    by.require(Action.MANAGE_ACCESS, service=grant.service, environment=grant.environment)
    _tell("grant.taken", grant, "before", by, now)
    grant.delete()


@transaction.atomic
def revoke_role(
    *, user: str, role: str, service: str, environment: str, by: Actor, now: datetime
) -> None:
    """Take back the role that was given with the same words. Raises NotFound, Forbidden."""
    words = {"user__username": user, "role": role, "service": service, "environment": environment}
    may_be = all(map(is_storable, words.values()))
    found = Grant.objects.filter(**words).first() if may_be else None
    if found is None:
        raise NotFound("There is no such grant.", hint="`slipway grant list` shows all.")
    revoke_grant(grant=found, by=by, now=now)


def checked_role(role: str) -> Role:
    """Return the role called so. Raises Invalid."""
    if role not in set(Role):
        raise Invalid(
            "There is no such role.", hint="Roles are: viewer, uploader, deployer, admin."
        )
    return Role(role)


def _tell(verb: str, grant: Grant, told: str, by: Actor, now: datetime) -> None:
    where = {"service": grant.service, "environment": grant.environment}
    record_of(verb, grant.user, by=by, now=now, **where, **{told: {"role": grant.role, **where}})
