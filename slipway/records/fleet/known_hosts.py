"""A host as it is shown: how it is reached, what was found there, and how it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Host, HostCheck


@dataclass(frozen=True, slots=True)
class KnownHost:
    """What is known of a host; `environment` and `key` are names, `facts` what it said of itself,
    `problem` why the last look failed."""

    id: int
    name: str
    environment: str
    is_guarded: bool
    address: str
    port: int
    user: str
    root: str
    become: str
    key: str
    public_key: str
    host_key: str
    labels: Mapping[str, str]
    state: str
    problem: Sentence | None
    facts: Mapping[str, Any]
    checked_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, host: Host) -> Self:
        """Return what is known of a host whose environment and key are loaded."""
        return cls(
            id=host.pk,
            name=host.name,
            environment=host.environment.name,
            is_guarded=host.environment.is_guarded,
            address=host.address,
            port=host.port,
            user=host.user,
            root=host.root,
            become=host.become,
            key=host.key.name,
            public_key=host.key.public_key,
            host_key=host.host_key,
            labels=host.labels,
            state=host.state,
            problem=host.problem,
            facts=host.facts,
            checked_at=host.checked_at,
            last_seen_at=host.last_seen_at,
            created_at=host.created_at,
        )


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A look at a host that somebody asked for, and what came of it; `ok` None: it is not over."""

    host: KnownHost
    is_over: bool
    ok: bool | None
    code: str
    problem: Sentence | None

    @classmethod
    def of(cls, check: HostCheck, host: KnownHost) -> Self:
        is_over = check.finished_at is not None
        return cls(host, is_over, check.ok, check.code, check.problem)
