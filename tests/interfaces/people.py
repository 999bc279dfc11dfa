"""Alice deploys, Bob approves, Charlie may not, Dora looks: people with their rights and tokens."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from slipway.records.accounts.models import User
from slipway.records.accounts.operations import people, tokens
from slipway.records.accounts.operations.grants import grant_role
from slipway.records.accounts.rights import Actor, actor_of

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a token; asks the API as themselves."""

    user: User
    token: str

    @property
    def actor(self) -> Actor:
        """As themselves, with the rights they have now."""
        return actor_of(User.objects.get(pk=self.user.pk), "127.0.0.1")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request with the person's token; `path` is below /api/v1."""
        return Client().generic(
            method,
            f"/api/v1{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json" if body is not None else "text/plain",
            headers={**self.headers, **headers},
        )

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.ask("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Any:
        return self.ask("DELETE", path, body)

    def upload(self, path: str, package: bytes, **headers: str) -> Any:
        """POST the bytes of a package."""
        return Client().generic(
            "POST",
            f"/api/v1{path}",
            package,
            content_type="application/octet-stream",
            headers={**self.headers, **headers},
        )


def person(name: str, *grants: tuple[str, str, str], is_superuser: bool = False) -> Person:
    """Make somebody with grants of (role, service, environment)."""
    now, system = timezone.now(), Actor.system()
    user = people.create_user(
        username=name, password=PASSWORD, by=system, now=now, is_superuser=is_superuser
    )
    for role, service, environment in grants:
        grant_role(
            user=user, role=role, service=service, environment=environment, by=system, now=now
        )
    _, token = tokens.create_token(
        user=user,
        name="tests",
        role="admin",
        service="",
        environment="",
        expires_in=timedelta(days=1),
        by=actor_of(user, ""),
        now=now,
    )
    return Person(user, token)
