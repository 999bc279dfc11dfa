"""A stored package as an answer: streamed, never whole in memory, and told."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from slipway.core.release.steps import PackageRef
from slipway.interfaces import doors
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.entrance.doorway import wants_only_head
from slipway.interfaces.live.live import TooManyViewers

LOGS_PER_PERSON = 5
_PIECE = 64 * 1024  # characters
_LOGS_OF: Counter[str] = Counter()  # that are being sent, in one process and event loop


def package_of(
    request: HttpRequest, ref: PackageRef, note: Callable[..., object]
) -> HttpResponseBase:
    """Return a package as it was taken in, and `note` that it went; for HEAD only what is known of
    it, which is no download. Raises what its store says of one that is damaged."""
    answer = HttpResponse() if wants_only_head(request) else _streamed(request, ref, note)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["Content-Length"] = str(ref.size)
    answer.headers["Content-Disposition"] = content_disposition_header(True, ref.filename) or ""
    answer.headers["ETag"] = f'"{ref.sha256}"'
    return answer


def _streamed(
    request: HttpRequest, ref: PackageRef, note: Callable[..., object]
) -> StreamingHttpResponse:
    chunks = doors.packages().open(ref)
    first = next(chunks, b"")  # a damaged package is refused before the answer begins
    note(by=asker(request), now=timezone.now())
    return streamed(request, _with_first(first, chunks))


def streamed(
    request: HttpRequest, chunks: Iterator[bytes], *, reads_rows: bool = False
) -> StreamingHttpResponse:
    """Return an answer that is made while it is sent; one that `reads_rows` does so in the thread
    of the request. Raises TooManyViewers where a person has enough of those."""
    if not isinstance(request, ASGIRequest):
        return StreamingHttpResponse(chunks)
    # Django would collect a plain iterator in memory.
    if not reads_rows:
        return StreamingHttpResponse(_in_threads(chunks))
    person = asker(request).name
    if _LOGS_OF[person] >= LOGS_PER_PERSON:
        raise TooManyViewers(
            "You are downloading too much at one time.",
            hint="Wait until one of them is there, or end it.",
        )
    return StreamingHttpResponse(_counted(person, _in_threads(chunks, reads_rows=True)))


def in_pieces(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines together: what is sent by itself costs a thread's turn each."""
    piece: list[str] = []
    length = 0
    for line in lines:
        piece.append(line)
        length += len(line)
        if length >= _PIECE:
            yield "".join(piece)
            piece, length = [], 0
    yield "".join(piece)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


async def _counted(person: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    _LOGS_OF[person] += 1
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        _LOGS_OF[person] -= 1
        if not _LOGS_OF[person]:
            del _LOGS_OF[person]


async def _in_threads(chunks: Iterator[bytes], *, reads_rows: bool = False) -> AsyncIterator[bytes]:
    def read_one() -> bytes | None:
        try:
            return next(chunks, None)
        finally:
            if reads_rows:
                # A reader may be slow, and the database's connections are few.
                connections.close_all()

    read = sync_to_async(read_one, thread_sensitive=reads_rows)
    while (chunk := await read()) is not None:
        yield chunk
