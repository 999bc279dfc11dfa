"""Versions and their packages: streamed in, streamed out, never whole in memory."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from ninja import Router, Schema
from pydantic import StringConstraints

from slipway.core.roles import Action
from slipway.core.versions import VersionStatus
from slipway.interfaces import doors
from slipway.interfaces.admission import asker
from slipway.interfaces.api.builds import late_offer
from slipway.interfaces.api.idempotency import Reminder
from slipway.interfaces.api.policy import Over, policy
from slipway.interfaces.api.uploads import body_of
from slipway.interfaces.api.values import (
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    Text,
    Word,
    answers,
    listed,
    named,
)
from slipway.records.catalog import operations, queries
from slipway.records.fields.sentences import told

if TYPE_CHECKING:
    from slipway.records.catalog.models import Build, Version

router = Router(tags=["versions"])
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00/]*$")]
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
UPLOAD: dict[str, Any] = {"requestBody": {"content": BYTES, "required": True}}
DOWNLOAD: dict[str, Any] = {"responses": {200: {"content": BYTES}}}


class VersionOut(Schema):
    """`build`: the number of what made it, 0 when it was uploaded. `reason`: why there is none.
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
    late_at: datetime | None
    package_removed_at: datetime | None
    created_at: datetime
    created_by: str


@router.get("/{name}/versions", response=answers(Listed[VersionOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_versions(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List a service's versions, the newest first."""
    service = queries.get_service(name, asker(request))
    return listed(queries.list_versions(service, limit, offset), _version)


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
    service = queries.get_service(name, actor)
    # Asked before the bytes are read; the operation asks again.
    actor.require(Action.UPLOAD, service=service.name)
    reminder = Reminder(request, actor, sha256)
    if (remembered := reminder.recall()) is not None:
        return remembered
    # No transaction is open while the bytes come: on SQLite nobody else could write meanwhile.
    stored = doors.packages().ingest(body_of(request, sha256), filename=filename)
    with reminder.kept():
        made, is_new = operations.take_version(
            service=service,
            stored=stored,
            name=version,
            ref=ref,
            commit=commit,
            description=description,
            by=actor,
            now=timezone.now(),
        )
        return reminder.answer(201 if is_new else 200, VersionOut(**_version(made)))


@router.get("/{name}/versions/{version}", response=answers(VersionOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_version(request: HttpRequest, name: Name, version: Name) -> object:
    """Show a version; `latest` is the newest successful one."""
    service = queries.get_service(name, asker(request))
    return _version(queries.get_version(service, version))


@router.get("/{name}/versions/{version}/package", response=answers(None), openapi_extra=DOWNLOAD)
@policy(Action.VIEW, Over.VISIBLE)
def download_package(request: HttpRequest, name: Name, version: Name) -> StreamingHttpResponse:
    """Send the package's bytes as they were taken in."""
    service = queries.get_service(name, asker(request))
    ref = queries.get_package_ref(queries.get_version(service, version))
    chunks = doors.packages().open(ref)
    first = next(chunks, b"")  # a damaged package is refused before the answer begins
    content = _with_first(first, chunks)
    is_async = isinstance(request, ASGIRequest)  # Django would collect a plain iterator in memory
    response = StreamingHttpResponse(
        _in_threads(content) if is_async else content, content_type="application/octet-stream"
    )
    response.headers["Content-Length"] = str(ref.size)
    response.headers["Content-Disposition"] = content_disposition_header(True, ref.filename) or ""
    response.headers["ETag"] = f'"{ref.sha256}"'
    return response


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


async def _in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    read = sync_to_async(lambda: next(chunks, None), thread_sensitive=False)
    while (chunk := await read()) is not None:
        yield chunk


def _version(version: "Version") -> dict[str, Any]:
    package = version.package
    build: Build | None = getattr(version, "build", None)  # missing when it was uploaded
    return {
        "service": version.service.name,
        "name": version.name,
        "ref": version.ref,
        "commit": version.commit,
        "description": version.description,
        "status": VersionStatus(version.status).word,
        "sha256": package.sha256 if package else "",
        "size": package.size if package else 0,
        "format": package.format if package else "",
        "filename": package.filename if package else "",
        "build_url": version.build_url,
        "build": build.pk if build else 0,
        **told("reason", build.reason if build else None, hint="hint"),
        "late_at": late_offer(build) if build else None,
        "package_removed_at": package.removed_at if package else None,
        "created_at": version.created_at,
        "created_by": named(version.created_by),
    }
