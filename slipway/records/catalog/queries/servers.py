"""Questions about build servers."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Count

from slipway.core.builds.orders import ServerAccess, ServerKind
from slipway.core.builds.seen import NOT_ISOLATED
from slipway.core.words.names import shown
from slipway.core.words.refusal import NotFound
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import BuildServer, ServerCheck
from slipway.records.rows.facts import read_as
from slipway.records.rows.pages import Page
from slipway.records.rows.texts import is_storable


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What is known of a build server; of its secrets, whether they are set."""

    id: int
    name: str
    kind: str
    base_url: str
    username: str
    credential_set: bool
    ca_certificate: str
    proxy: str
    package_bases: tuple[str, ...]
    hook_secret_set: bool
    created_at: datetime
    created_by: str  # "" where the system itself acted
    updated_at: datetime
    updated_by: str

    @classmethod
    def of(cls, server: BuildServer) -> Self:
        makers = (server.created_by, server.updated_by)
        created_by, updated_by = (maker.get_username() if maker else "" for maker in makers)
        return read_as(
            cls,
            server,
            credential_set=bool(server.credential),
            package_bases=tuple(server.package_bases),
            hook_secret_set=bool(server.hook_secret),
            created_by=created_by,
            updated_by=updated_by,
        )


@dataclass(frozen=True, slots=True)
class ServerCheckFacts:
    """A test of a build server, and what it has `found` so far: what is said, and if it works."""

    id: uuid.UUID
    server: str
    project: str
    requested_at: datetime
    is_taken: bool
    is_over: bool
    works: bool
    found: tuple[tuple[Sentence, bool], ...]


def list_servers(limit: int = 50, offset: int = 0) -> Page[BuildServer]:
    """Return all build servers, by name."""
    servers = BuildServer.objects.select_related("created_by", "updated_by")
    return Page(servers.order_by("name"), limit, offset)


def get_server(name: str) -> BuildServer:
    """Raises NotFound."""
    found = BuildServer.objects.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise NotFound("There is no build server {server}.", server=shown(name))
    return found


def get_server_check(check: uuid.UUID) -> ServerCheckFacts:
    """Raises NotFound."""
    found = ServerCheck.objects.select_related("server").filter(pk=check).first()
    if found is None:
        raise NotFound("There is no such check.", hint="Ask for a new one.")
    return read_as(
        ServerCheckFacts,
        found,
        server=found.server.name,
        is_taken=found.claimed_at is not None,
        is_over=found.finished_at is not None,
        found=tuple(found.found),
    )


def list_troubles_of_isolation() -> list[Sentence]:
    """Return what the last test of each build server by command has told of builds that are not
    kept apart."""
    found = {}
    checks = ServerCheck.objects.filter(server__kind=ServerKind.COMMAND, finished_at__isnull=False)
    for check in checks.order_by("finished_at"):
        said = [Sentence.from_json(each["said"]) for each in check.findings if not each["works"]]
        found[check.server_id] = [each for each in said if each.code in NOT_ISOLATED]
    return [each for troubles in found.values() for each in troubles]


def get_access(server: BuildServer) -> ServerAccess:
    """Return all it takes to reach a build server, its credential decrypted: for the worker."""
    return read_as(
        ServerAccess,
        server,
        kind=ServerKind(server.kind),
        package_bases=tuple(server.package_bases),
    )


def count_services_of_servers() -> dict[int, int]:
    """Return how many services each build server builds, by its id."""
    rows = BuildServer.objects.annotate(count=Count("services")).values_list("pk", "count")
    return dict(rows)
