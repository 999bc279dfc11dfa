"""A token as it is shown: its secret is shown once, and kept nowhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.records.accounts.models import Token


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of a token; `service` and `environment` are names, "" for all."""

    name: str
    prefix: str
    role: str
    service: str
    environment: str
    last_used_at: datetime | None
    expires_at: datetime
    is_over: bool

    @classmethod
    def of(cls, token: Token, now: datetime) -> Self:
        return cls(
            token.name,
            token.prefix,
            token.role,
            token.service,
            token.environment,
            token.last_used_at,
            token.expires_at,
            token.expires_at <= now,
        )
