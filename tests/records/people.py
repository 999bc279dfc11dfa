"""The people of these tests: Alice deploys, Bob approves and administers, Charlie may not."""

from datetime import UTC, datetime

from slipway.core.words.roles import Role
from slipway.records.accounts.models import Grant, User
from slipway.records.accounts.rights import Actor, actor_of

NOW = datetime(2026, 11, 23, 10, 15, 2, tzinfo=UTC)
PASSWORD = "correct horse battery"


def person(name: str, *grants: tuple[Role, str, str], superuser: bool = False) -> Actor:
    """A person with grants of (role, service, environment); "" means everywhere."""
    user, _ = User.objects.get_or_create(
        username=name, defaults={"is_superuser": superuser, "password": "!"}
    )
    for role, service, environment in grants:
        Grant.objects.get_or_create(
            user=user,
            role=role,
            service=service,
            environment=environment,
            defaults={"created_at": NOW},
        )
    return actor_of(user, source="192.0.2.1")


def alice() -> Actor:
    return person("alice", (Role.DEPLOYER, "", ""))


def bob() -> Actor:
    return person("bob", (Role.ADMIN, "", ""))


def charlie() -> Actor:
    return person("charlie")


def user_of(actor: Actor) -> User:
    assert actor.user is not None
    return actor.user
