"""A host as it is shown: how it is reached, what was found there, and how it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.rows.facts import read_as


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
        return read_as(
            cls,
            host,
            environment=host.environment.name,
            is_guarded=host.environment.is_guarded,
            key=host.key.name,
            public_key=host.key.public_key,
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
