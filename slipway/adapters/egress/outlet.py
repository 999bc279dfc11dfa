"""The one way out: requests of httpx to a build server, inside the boundary and within limits."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

import httpcore
import httpx

from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.boundary import Boundary, Destination, for_people
from slipway.adapters.egress.connections import GuardedBackend, Patience, trust
from slipway.adapters.egress.trouble import Unanswered, unanswered, unreachable
from slipway.core.builds.orders import ServerAccess
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble

Headers = Sequence[tuple[bytes, bytes]]
MIB = 1024**2
DOWNLOAD = "slipway_download"  # extension of a request: it is a download of at most so many bytes
PLACE = "slipway_place"  # extension of an answer: the address that gave it, redirects followed

# What may go along to other hosts than the server itself: nothing that says who we are.
_HARMLESS = (b"accept", b"range", b"user-agent")
# Ours to say: the first is part of the destination, the second would make sizes meaningless.
_OURS = (b"host", b"accept-encoding", b"connection")
_NOT_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.LocalProtocolError,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
_HEADER = re.compile(rb"[!-~]([ -~]*[!-~])?|")


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How long (seconds) and how much. A download has no end to its time, but to its slowness: in
    every `progress_time` at least `progress_bytes` come."""

    connect: float = 5
    read: float = 30
    answer: float = 60  # a whole answer of the API, redirects included
    answer_bytes: int = 16 * MIB
    progress_time: float = 60
    progress_bytes: int = 64 * 1024
    redirects: int = 5


class _Body(httpx.SyncByteStream):
    """What a caller reads of an answer, within the limits."""

    def __init__(self, response: httpcore.Response, chunks: Iterator[bytes]) -> None:
        self._response = response
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self._response.close()


class Outlet(httpx.BaseTransport):
    """Sends requests to one server. To be closed. Not for two threads at once."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        limits: RequestLimits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        """Raises OffLimits when the configured addresses cannot be used."""
        self._access = access
        self.boundary = Boundary(access)
        self._limits = limits or RequestLimits()
        self._patience = Patience()
        self._backend = GuardedBackend(access.name, resolver, self._patience)
        self._pools: dict[bool, httpcore.ConnectionPool] = {}

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, to be read or closed; of the API, unless the request is a DOWNLOAD,
        which has its own time. Reading raises ServerTrouble, and ServerRefused for too much.

        Redirects are followed for GET and HEAD, inside the boundary; others are answers. Raises
        OffLimits, ServerRefused, Unreachable (nothing was sent), Unanswered (it may have been).
        """
        self._patience.until = time.monotonic() + self._limits.answer
        url, trusted = str(request.url), True
        for _ in range(self._limits.redirects + 1):
            destination = self.boundary.check(url)
            # Whoever sent us elsewhere does not send us back in our own name.
            trusted = trusted and destination.with_credentials
            fit = self._fit(request.headers.raw, trusted)
            answer = self._exchange(request, destination, fit)
            location = answer.headers["location"] if answer.has_redirect_location else ""
            if request.method not in ("GET", "HEAD") or not location:
                return answer
            answer.close()
            url = urljoin(destination.url, location)
        raise ServerTrouble(
            "{server} redirects in a circle, last to {url}.",
            hint="Correct the address of {server}, or its own settings.",
            server=self._access.name,
            url=for_people(url),
        )

    def _fit(self, headers: Headers, trusted: bool) -> Headers:
        kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
        kept = kept if trusted else [each for each in kept if each[0].lower() in _HARMLESS]
        for name, value in kept:
            # Said here, and without the value: the libraries show it in their errors.
            if not _HEADER.fullmatch(value):
                raise ServerRefused(
                    "What goes along to {server} as {header} has characters that cannot be sent.",
                    hint="Give the token of {server} anew, without blanks, line breaks or accents.",
                    server=self._access.name,
                    header=name.decode("latin-1"),
                )
        return kept

    def _exchange(
        self, request: httpx.Request, destination: Destination, headers: Headers
    ) -> httpx.Response:
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=destination.scheme.encode(),
                host=destination.host.encode(),
                port=destination.port,
                target=destination.target.encode(),
            ),
            headers=[
                (b"Host", destination.authority.encode()),
                (b"Accept-Encoding", b"identity"),
                *headers,
            ],
            content=request.read(),
            extensions={"timeout": self._timeouts()},
        )
        try:
            response = self._pool(destination).handle_request(sent)
        except _NOT_SENT as error:
            raise unreachable(self._access.name, destination, error) from error
        except _BROKEN as error:
            raise unanswered(self._access.name, destination, error) from error
        return self._answer(request, destination, response)

    def _timeouts(self) -> dict[str, float]:
        connect, read = self._limits.connect, self._limits.read
        return {"connect": connect, "read": read, "write": read, "pool": connect}

    def _pool(self, destination: Destination) -> httpcore.ConnectionPool:
        at_base = destination.with_credentials
        if at_base not in self._pools:
            self._pools[at_base] = self._new_pool(at_base)
        return self._pools[at_base]

    def _new_pool(self, at_base: bool) -> httpcore.ConnectionPool:
        access = self._access
        # A company's own authority vouches for its server; packages may lie on the internet.
        context = trust(access.name, access.ca_certificate, with_system=not at_base)
        return httpcore.ConnectionPool(
            ssl_context=context,
            proxy=_proxy(access) if access.proxy else None,
            max_connections=4,
            network_backend=self._backend,
        )

    def _answer(
        self, request: httpx.Request, destination: Destination, response: httpcore.Response
    ) -> httpx.Response:
        chunks = self._chunks(destination, response, request.extensions.get(DOWNLOAD))
        answer = httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, chunks),
            extensions={**response.extensions, PLACE: destination.url},
            request=request,
        )
        if answer.headers.get("content-encoding", "").lower() not in ("", "identity"):
            answer.close()
            raise Unanswered(
                "{server} compressed its answer, though nobody asked for that.",
                hint="Look at what lies between Slipway and {server}: a proxy may do it.",
                server=self._access.name,
            )
        return answer

    def _chunks(
        self, destination: Destination, response: httpcore.Response, download: int | None
    ) -> Iterator[bytes]:
        # An error is told in a sentence, however long the download might have been.
        is_download = download is not None and response.status < 300
        limit = download if is_download and download is not None else self._limits.answer_bytes
        pace = _Pace(self._patience, self._limits) if is_download else None
        left = limit
        try:
            for chunk in response.iter_stream():
                left -= len(chunk)
                if left < 0:
                    raise _too_large(self._access.name, destination, limit, is_download)
                if pace:
                    pace.came(len(chunk))
                yield chunk
                if pace:
                    pace.rest()
        except _BROKEN as error:
            raise unanswered(self._access.name, destination, error) from error
        finally:
            response.close()


class _Pace:
    """The least progress that a download has to make; the time of its reader does not count."""

    def __init__(self, patience: Patience, limits: RequestLimits) -> None:
        self._patience = patience
        self._limits = limits
        self._came = 0
        self._left = limits.progress_time
        self.rest()

    def came(self, size: int) -> None:
        self._left = (self._patience.until or 0) - time.monotonic()
        self._came += size
        if self._came >= self._limits.progress_bytes:
            self._came, self._left = 0, self._limits.progress_time

    def rest(self) -> None:
        """The reader is back: go on waiting for what is left."""
        self._patience.until = time.monotonic() + self._left


def _proxy(access: ServerAccess) -> httpcore.Proxy:
    try:
        parts = urlsplit(access.proxy)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise OffLimits(
            "The proxy of {server} has no address that can be used.",
            hint="Correct it: http://proxy.example.com:3128, say.",
            server=access.name,
        )
    return httpcore.Proxy(
        httpcore.URL(scheme=parts.scheme.encode(), host=host.encode(), port=port, target=b"/"),
        auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username else None,
        ssl_context=trust(access.name, access.ca_certificate, with_system=True)
        if parts.scheme == "https"
        else None,
    )


def _too_large(
    server: str, destination: Destination, limit: int, is_download: bool
) -> ServerRefused:
    hint = "Is it the right file? The limit is size_limit in the service's build settings."
    return ServerRefused(
        "{server} sends more than {limit} MiB from {url}, the most that is allowed.",
        hint=hint if is_download else "An answer of its API is never as long: is that {server}?",
        server=server,
        url=for_people(destination.url),
        limit=round(limit / MIB, 1),
    )
