"""Services: what we release."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.core.finding.listings import SERVICES
from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.finding import asking_of
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Continued,
    Empty,
    Input,
    Labels,
    Limit,
    Line,
    Name,
    Named,
    Offset,
    Text,
    Word,
    answers,
    continued,
    given,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.operations import services, stars
from slipway.records.catalog.queries import services as service_queries
from slipway.records.catalog.queries.services import SeenService
from slipway.records.catalog.queries.stars import starred_names
from slipway.records.rollouts.ask.finding import services_where

router = Router(tags=["services"])
Kept = Annotated[int, Field(ge=1, le=100_000)]


class ServiceChange(Input):
    """`build_server`: the name of one, "" for none. `hook_secret` is taken and never shown.
    `keep_versions`: whose packages are kept, none for all."""

    language: Word = "other"
    build_origin: Word = "upload"
    build_url: Line = ""
    description: Text = ""
    labels: Labels = {}
    spec: dict[str, Any] = {}
    default_ref: Line = "main"
    build_server: Word = ""
    build_project: Line = ""
    build: dict[str, Any] = {}
    keep_versions: Kept | None = None
    hook_secret: Line = ""


class NewService(ServiceChange):
    name: Name


class ServiceOut(Schema):
    """Whoever may not deploy the service sees neither values of its variables, words of its
    commands nor credentials in its addresses. `starred`: by whoever asks."""

    name: str
    language: str
    build_origin: str
    build_url: str
    description: str
    labels: dict[str, str]
    spec: dict[str, Any]
    default_ref: str
    build_server: str
    build_project: str
    build: dict[str, Any]
    keep_versions: int | None
    hook_secret_set: bool
    starred: bool
    created_at: datetime
    created_by: Named
    updated_at: datetime
    updated_by: Named


@router.get("", response=answers(Continued[ServiceOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_services(
    request: HttpRequest,
    search: Line = "",
    where: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
    after: Line = "",
) -> dict[str, object]:
    """List the services one may see, by name. `where`: words, labels, states and a time, as in
    `team:data state:failed 2h..`."""
    actor = asker(request)
    asking = asking_of(where, SERVICES, actor.name)
    only = services_where(actor, asking) if asking else None
    found = service_queries.list_services(actor, search, limit, offset, only, after)
    return continued(found, partial(SeenService.by, actor, starred_names(actor)))


@router.post("", response=answers(ServiceOut, 201))
@policy(Action.MANAGE_SERVICE, Over.SERVICE)
def create_service(request: HttpRequest, body: NewService) -> Status[object]:
    """Make a service known."""
    actor = asker(request)
    service = services.create_service(**body.dict(), by=actor, now=timezone.now())
    return Status(201, SeenService.by(actor, (), service))


@router.get("/{name}", response=answers(ServiceOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_service(request: HttpRequest, name: Name) -> object:
    """Show a service."""
    actor = asker(request)
    return SeenService.by(actor, starred_names(actor), service_queries.get_service(name, actor))


@router.patch("/{name}", response=answers(ServiceOut))
@policy(Action.MANAGE_SERVICE, Over.SERVICE)
def change_service(request: HttpRequest, name: Name, body: ServiceChange) -> object:
    """Change what the body holds, and nothing else."""
    actor = asker(request)
    service = service_queries.get_service(name, actor)
    changed = services.change_service(
        service=service, changes=given(body), by=actor, now=timezone.now()
    )
    return SeenService.by(actor, starred_names(actor), changed)


@router.post("/{name}/star", response=answers(ServiceOut))
@policy(Action.VIEW, Over.VISIBLE)
def star_service(request: HttpRequest, name: Name) -> object:
    """Let a service come first in the lists of whoever asks; `where=is:starred` finds it."""
    actor = asker(request)
    service = service_queries.get_service(name, actor)
    stars.star_service(service=service, by=actor, now=timezone.now())
    return SeenService.by(actor, starred_names(actor), service)


@router.post("/{name}/unstar", response=answers(ServiceOut))
@policy(Action.VIEW, Over.VISIBLE)
def unstar_service(request: HttpRequest, name: Name) -> object:
    """Let a service stand among the others again."""
    actor = asker(request)
    service = service_queries.get_service(name, actor)
    stars.unstar_service(service=service, by=actor)
    return SeenService.by(actor, starred_names(actor), service)


@router.delete("/{name}", response=answers(Empty))
@policy(Action.MANAGE_SERVICE, Over.SERVICE)
def delete_service(request: HttpRequest, name: Name) -> dict[str, object]:
    """Forget a service that was never used."""
    actor = asker(request)
    service = service_queries.get_service(name, actor)
    services.delete_service(service=service, by=actor, now=timezone.now())
    return {}
