"""Build servers: what builds for us, how it is reached, and whether it works."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Line,
    Listed,
    LongText,
    Name,
    Named,
    Offset,
    Word,
    answers,
    given,
    listed,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.operations import servers
from slipway.records.catalog.queries import servers as server_queries
from slipway.records.rows.sentences import told

router = Router(tags=["build servers"])


class BuildServerChange(Input):
    """`credential` and `hook_secret` are taken and never shown."""

    base_url: Line = ""
    username: Line = ""
    credential: Line = ""
    ca_certificate: LongText = ""
    proxy: Line = ""
    package_bases: Annotated[list[Line], Field(max_length=16)] = []
    hook_secret: Line = ""


class NewBuildServer(BuildServerChange):
    name: Name
    kind: Word


class BuildServerOut(Schema):
    name: str
    kind: str
    base_url: str
    username: str
    credential_set: bool
    ca_certificate: str
    proxy: str
    package_bases: list[str]
    hook_secret_set: bool
    created_at: datetime
    created_by: Named
    updated_at: datetime
    updated_by: Named


class NewServerCheck(Input):
    """`project`: whether that one can be built, too."""

    project: Line = ""


class StartedServerCheck(Schema):
    id: UUID


class ServerFindingOut(Schema):
    what: str
    what_code: str
    what_values: dict[str, Any]
    works: bool
    hint: str


class ServerCheckOut(Schema):
    id: UUID
    server: str
    project: str
    finished: bool
    works: bool
    findings: list[ServerFindingOut]


@router.get("", response=answers(Listed[BuildServerOut]))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def list_build_servers(
    request: HttpRequest, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List the build servers, by name."""
    permit(request, Action.MANAGE_SERVER)
    return listed(server_queries.list_servers(limit, offset), server_queries.ServerFacts.of)


@router.post("", response=answers(BuildServerOut, 201))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def create_build_server(request: HttpRequest, body: NewBuildServer) -> Status[object]:
    """Make a build server known. It is not reached by this: a check does that."""
    server = servers.create_server(**body.dict(), by=asker(request), now=timezone.now())
    return Status(201, server_queries.ServerFacts.of(server))


@router.get("/checks/{id}", response=answers(ServerCheckOut))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def get_server_check(request: HttpRequest, id: UUID) -> dict[str, object]:
    """Show what a check has found."""
    permit(request, Action.MANAGE_SERVER)
    check = server_queries.get_server_check(id)
    return {
        "id": check.id,
        "server": check.server,
        "project": check.project,
        "finished": check.is_over,
        "works": check.works,
        "findings": [
            {"works": works, **told("what", said, hint="hint")} for said, works in check.found
        ],
    }


@router.get("/{name}", response=answers(BuildServerOut))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def get_build_server(request: HttpRequest, name: Name) -> object:
    """Show a build server, without its secrets."""
    permit(request, Action.MANAGE_SERVER)
    return server_queries.ServerFacts.of(server_queries.get_server(name))


@router.patch("/{name}", response=answers(BuildServerOut))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def change_build_server(request: HttpRequest, name: Name, body: BuildServerChange) -> object:
    """Change what the body holds; a new address or proxy needs the credential again."""
    actor = permit(request, Action.MANAGE_SERVER)
    changed = servers.change_server(
        server=server_queries.get_server(name), changes=given(body), by=actor, now=timezone.now()
    )
    return server_queries.ServerFacts.of(changed)


@router.delete("/{name}", response=answers(Empty))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def delete_build_server(request: HttpRequest, name: Name) -> dict[str, object]:
    """Forget a build server that nothing names."""
    actor = permit(request, Action.MANAGE_SERVER)
    servers.delete_server(server=server_queries.get_server(name), by=actor, now=timezone.now())
    return {}


@router.post("/{name}/checks", response=answers(StartedServerCheck, 202))
@policy(Action.MANAGE_SERVER, Over.EVERYTHING)
def request_server_check(request: HttpRequest, name: Name, body: NewServerCheck) -> Status[object]:
    """Have a worker reach it, log in, and look whether its rights are enough."""
    actor = permit(request, Action.MANAGE_SERVER)
    check = servers.request_server_check(
        server=server_queries.get_server(name), project=body.project, by=actor, now=timezone.now()
    )
    return Status(202, {"id": check.pk})
