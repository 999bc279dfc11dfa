"""A stored package as an answer: streamed, never whole in memory, and told."""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from slipway.core.steps import PackageRef
from slipway.interfaces import doors
from slipway.interfaces.admission import asker
from slipway.interfaces.doorway import wants_only_head
from slipway.records.catalog import operations, queries

if TYPE_CHECKING:
    from slipway.records.catalog.models import Version


def package_of(request: HttpRequest, version: "Version") -> HttpResponseBase:
    """Return a version's package as it was taken in; for HEAD only what is known of it, which is no
    download. Raises NotFound where it has none, and what its store says of one that is damaged."""
    ref = queries.get_package_ref(version)
    answer = HttpResponse() if wants_only_head(request) else _streamed(request, version, ref)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Length"] = str(ref.size)
    answer.headers["Content-Disposition"] = content_disposition_header(True, ref.filename) or ""
    answer.headers["ETag"] = f'"{ref.sha256}"'
    return answer


def _streamed(request: HttpRequest, version: "Version", ref: PackageRef) -> StreamingHttpResponse:
    chunks = doors.packages().open(ref)
    first = next(chunks, b"")  # a damaged package is refused before the answer begins
    operations.note_download(version, by=asker(request), now=timezone.now())
    return streamed(request, _with_first(first, chunks))


def streamed(
    request: HttpRequest, chunks: Iterator[bytes], *, reads_rows: bool = False
) -> StreamingHttpResponse:
    """Return an answer that is made while it is sent; one that `reads_rows` does so in the thread
    of the request, whose connection is given back at its end."""
    is_async = isinstance(request, ASGIRequest)  # Django would collect a plain iterator in memory
    return StreamingHttpResponse(_in_threads(chunks, reads_rows) if is_async else chunks)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


async def _in_threads(chunks: Iterator[bytes], in_its_own: bool) -> AsyncIterator[bytes]:
    read = sync_to_async(lambda: next(chunks, None), thread_sensitive=in_its_own)
    while (chunk := await read()) is not None:
        yield chunk
