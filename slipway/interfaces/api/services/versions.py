"""Versions and their packages: streamed in, streamed out, never whole in memory."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router, Schema
from pydantic import StringConstraints

from slipway.core.finding.listings import VERSIONS
from slipway.core.spec.hidden_values import without_credentials
from slipway.core.words.roles import Action
from slipway.interfaces import doors
from slipway.interfaces.api.frame.finding import asking_of
from slipway.interfaces.api.frame.idempotency import Reminder
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.uploads import body_of
from slipway.interfaces.api.frame.values import (
    Continued,
    Limit,
    Line,
    Name,
    Offset,
    Text,
    Word,
    answers,
    continued,
)
from slipway.interfaces.downloads import package_of
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import SYSTEM
from slipway.records.catalog.operations import versions
from slipway.records.catalog.operations.downloads import note_download
from slipway.records.catalog.queries import services
from slipway.records.catalog.version_facts import VersionFacts
from slipway.records.rows.sentences import told

router = Router(tags=["versions"])
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00/]*$")]
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
UPLOAD: dict[str, Any] = {"requestBody": {"content": BYTES, "required": True}}
DOWNLOAD: dict[str, Any] = {"responses": {200: {"content": BYTES}}}


class VersionOut(Schema):
    """`build`: the number of what made it, 0 when it was uploaded. `reason`: why there is none.
    `lacks`: what keeps one that is made from being started, "" where nothing does.
    `late_at`: its build ended well after it was given up, and that can be taken.
    `package_removed_at`: when its bytes were let go."""

    service: str
    name: str
    ref: str
    commit: str
    description: str
    status: str
    sha256: str
    size: int
    format: str
    filename: str
    build_url: str
    build: int
    reason: str
    hint: str
    lacks: str
    lacks_hint: str
    late_at: datetime | None
    package_removed_at: datetime | None
    created_at: datetime
    created_by: str


@router.get("/{name}/versions", response=answers(Continued[VersionOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_versions(
    request: HttpRequest,
    name: Name,
    search: Line = "",
    where: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
    after: Line = "",
) -> dict[str, object]:
    """List a service's versions, the newest first; `search` is a part of the name, ref or
    description, or the beginning of the commit. `where`: words, states and a time, as in
    `ref:main state:ready 2d..`."""
    actor = asker(request)
    service = services.get_service(name, actor)
    asking = asking_of(where, VERSIONS, actor.name)
    found = services.list_versions(service, limit, offset, search, asking, after)
    return continued(found, lambda version: _version(VersionFacts.of(version)))


@router.post(
    "/{name}/versions",
    response={201: VersionOut, **answers(VersionOut)},
    openapi_extra=UPLOAD,
)
@policy(Action.UPLOAD, Over.SERVICE)
def upload_version(
    request: HttpRequest,
    name: Name,
    filename: FileName,
    version: Line = "",
    ref: Line = "",
    commit: Word = "",
    description: Text = "",
    sha256: Digest = "",
) -> HttpResponse:
    """Take a package in as a new version: 201, or 200 when the very same was there already."""
    actor = asker(request)
    service = services.get_service(name, actor)
    # Asked before the bytes are read; the operation asks again.
    actor.require(Action.UPLOAD, service=service.name)
    reminder = Reminder(request, actor, sha256)
    if (remembered := reminder.recall()) is not None:
        return remembered
    # No transaction is open while the bytes come: on SQLite nobody else could write meanwhile.
    stored = doors.packages().ingest(body_of(request, sha256), filename=filename)
    with reminder.kept():
        made, is_new = versions.take_version(
            service=service,
            stored=stored,
            name=version,
            ref=ref,
            commit=commit,
            description=description,
            by=actor,
            now=timezone.now(),
        )
        return reminder.answer(
            201 if is_new else 200, VersionOut(**_version(VersionFacts.of(made)))
        )


@router.get("/{name}/versions/{version}", response=answers(VersionOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_version(request: HttpRequest, name: Name, version: Name) -> object:
    """Show a version; `latest` is the newest successful one."""
    service = services.get_service(name, asker(request))
    return _version(VersionFacts.of(services.get_version(service, version)))


@router.get("/{name}/versions/{version}/package", response=answers(None), openapi_extra=DOWNLOAD)
@policy(Action.UPLOAD, Over.SOMEWHERE)
def download_package(request: HttpRequest, name: Name, version: Name) -> HttpResponseBase:
    """Send the package's bytes as they were taken in; its spec is in them, with all values."""
    actor = asker(request)
    service = services.get_service(name, actor)
    actor.require_somewhere(Action.UPLOAD, service=service.name)
    found = services.get_version(service, version)
    ref = services.get_package_ref(found)
    return package_of(request, ref, partial(note_download, found))


def _version(version: VersionFacts) -> dict[str, Any]:
    package = version.package
    return {
        "service": version.service,
        "name": version.name,
        "ref": version.ref,
        "commit": version.named.commit,
        "description": version.description,
        "status": version.status.word,
        "sha256": package.sha256 if package else "",
        "size": package.size if package else 0,
        "format": package.format.value if package else "",
        "filename": package.filename if package else "",
        "build_url": without_credentials(version.build_url),
        "build": version.build,
        **told("reason", version.reason, hint="hint"),
        **told("lacks", version.lacks, hint="lacks_hint"),
        "late_at": version.late_at,
        "package_removed_at": version.removed_at,
        "created_at": version.named.created_at,
        "created_by": version.by or SYSTEM,
    }
