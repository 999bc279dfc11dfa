"""A build as it is shown: what it makes, who wanted it, how far it is, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import Build, Service
from slipway.records.rows.facts import read_as


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """What is known of a build and of the version that it makes; `status` is the version's. `by`
    is a person's name, "" for none; `server` and `duplicate_of` are names, "" for none."""

    id: int
    service: str
    version: str
    ref: str
    commit: str
    status: VersionStatus
    stage: BuildStage
    server: str
    project: str
    external_id: str
    url: str
    by: str
    originator: str
    variables: Mapping[str, str]
    starts: int
    seen: SeenStatus | None
    says: Sentence | None
    trouble: int  # questions in a row without an answer
    problem: Sentence | None
    retry_at: datetime | None
    reason: Sentence | None
    duplicate_of: str
    late_at: datetime | None
    log_size: int
    created_at: datetime
    ordered_at: datetime | None
    deadline_at: datetime
    cancel_requested_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, build: Build) -> Self:
        """Return the facts of a build whose version, service, server and people are loaded."""
        version, person = build.version, build.version.created_by
        return read_as(
            cls,
            build,
            service=version.service.name,
            version=version.name,
            ref=version.ref,
            commit=version.commit,
            status=VersionStatus(version.status),
            stage=BuildStage(build.stage),
            server=build.server.name if build.server else "",
            url=version.build_url,
            by=person.get_username() if person else "",
            seen=SeenStatus(build.seen) if build.seen else None,
            duplicate_of=build.duplicate_of.name if build.duplicate_of else "",
            late_at=build.late_offer,
        )

    @property
    def is_over(self) -> bool:
        return self.stage is BuildStage.OVER


@dataclass(frozen=True, slots=True)
class BuiltService:
    """How a service is built. `server` is the name of who builds it, "" for nobody; `has_secret`
    and `server_has_secret`: whether its webhooks are checked with one of its own, or the
    server's."""

    id: int
    name: str
    server: str
    server_kind: str
    server_url: str
    server_has_secret: bool
    project: str
    settings: Mapping[str, Any]
    default_ref: str
    keep_versions: int | None
    has_secret: bool

    @classmethod
    def of(cls, service: Service) -> Self:
        server = service.build_server
        return cls(
            id=service.pk,
            name=service.name,
            server=server.name if server else "",
            server_kind=server.kind if server else "",
            server_url=server.base_url if server else "",
            server_has_secret=bool(server and server.hook_secret),
            project=service.build_project,
            settings=service.build,
            default_ref=service.default_ref,
            keep_versions=service.keep_versions,
            has_secret=bool(service.hook_secret),
        )
