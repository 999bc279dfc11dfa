"""The body of an upload as a stream of chunks: bounded, counted, hashed on its way in."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest

from slipway.core.words.refusal import Refused
from slipway.interfaces import doors
from slipway.interfaces.digests import compared
from slipway.interfaces.entrance.bodies import announced_of
from slipway.ports import StoreFull

CHUNK = 64 * 1024  # bytes


class TooLarge(Refused):
    """More bytes than a package may have (HTTP 413)."""

    code = "too_large"


class NotAPackage(Refused):
    """The body says that it is something else than bytes (HTTP 415)."""

    code = "wrong_type"


def body_of(request: HttpRequest, sha256: str) -> Iterator[bytes]:
    """Return the body's chunks. Raises NotAPackage, TooLarge and StoreFull; while it is read also
    TooLarge and, at its end, PackageRefused when they are not those of `sha256` ("" for any)."""
    if request.content_type != "application/octet-stream":
        raise NotAPackage(
            "A package comes as plain bytes.", hint="Send it as application/octet-stream."
        )
    limit = int(settings.SLIPWAY_PACKAGE_LIMIT)
    size = announced_of(request)
    if size > limit:
        raise _too_large(limit)
    if not doors.has_room(size):
        raise StoreFull(
            "The package store has no room for {size} MiB.",
            hint="Make room there, or remove versions that nobody needs; then upload it again.",
            size=-(-size // 1024**2),
        )
    return compared(_chunks(request, limit), sha256)


def _chunks(request: HttpRequest, limit: int) -> Iterator[bytes]:
    size = 0
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "The package is larger than {limit} MiB.",
        hint="Make it smaller, or raise SLIPWAY_PACKAGE_LIMIT in the settings.",
        limit=limit // 1024**2,
    )
