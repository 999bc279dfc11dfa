"""The way out as api4jenkins takes it: a transport of httpx."""

from collections.abc import Iterator

import httpx

from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.outlet import Answer, Limits, Outlet
from slipway.ports.builds import ServerAccess

DOWNLOAD = "slipway_download"  # extension of a request: it is a download of at most so many bytes


class GuardedTransport(httpx.BaseTransport):
    """Sends requests through the outlet; raises what Outlet.send does, and reading an answer
    raises it too. Redirects inside the boundary are followed here, so a client must not follow any.

    `Jenkins(url, auth=…, mounts={"all://": transport})` uses nothing else;
    `client.stream("GET", url, extensions={DOWNLOAD: size_limit})` is a download.
    """

    def __init__(
        self, access: ServerAccess, *, limits: Limits | None = None, resolver: Resolver = resolve
    ) -> None:
        self._outlet = Outlet(access, limits=limits, resolver=resolver)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        download = request.extensions.get(DOWNLOAD)
        answer = self._outlet.send(
            request.method,
            str(request.url),
            request.headers.multi_items(),
            request.read(),
            download=download if isinstance(download, int) else None,
        )
        return httpx.Response(
            answer.status,
            headers=list(answer.headers),
            stream=_Stream(answer),
            extensions={"reason_phrase": answer.reason.encode("latin-1")},
        )

    def close(self) -> None:
        self._outlet.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.chunks

    def close(self) -> None:
        self._answer.close()


def guarded_client(
    access: ServerAccess,
    *,
    auth: tuple[str, str] | None = None,
    limits: Limits | None = None,
    resolver: Resolver = resolve,
) -> httpx.Client:
    """Return a client that goes out through the outlet only; to be closed."""
    transport = GuardedTransport(access, limits=limits, resolver=resolver)
    return httpx.Client(transport=transport, auth=auth, trust_env=False, follow_redirects=False)
