"""Git's smart HTTP, through the one way out."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
from dulwich.client import AbstractHttpGitClient
from dulwich.errors import NotGitRepository

from slipway.adapters.egress.client import GuardedClient
from slipway.adapters.egress.outlet import DOWNLOAD, PLACE, RequestLimits
from slipway.core.builds.orders import ServerAccess
from slipway.ports.builds import ServerRefused, ServerTrouble

GIB = 1024**3
# A server that packs a large repository says nothing but a few bytes for minutes.
PATIENT = RequestLimits(read=120, progress_time=600, progress_bytes=1)
_ANY_NAME = "slipway"  # GitLab and GitHub take a token as the password of whatever name


class HttpClient(AbstractHttpGitClient):
    """Raises what the client does, and ServerRefused where the server says no. To be closed."""

    def __init__(
        self,
        access: ServerAccess,
        url: str,
        *,
        limits: RequestLimits = PATIENT,
        most: int = 64 * GIB,
    ) -> None:
        """`most`: bytes of one answer."""
        super().__init__(url)
        self._access = access
        login = (access.username or _ANY_NAME, access.credential) if access.credential else None
        self._client = GuardedClient(access, auth=login, limits=limits)
        self._most = most

    def close(self) -> None:
        super().close()
        self._client.close()

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        body = data if data is None or isinstance(data, bytes) else b"".join(data)
        request = self._client.build_request(
            "GET" if data is None else "POST",
            url,
            headers={**(headers or {}), "Pragma": "no-cache"},
            content=body,
            extensions={DOWNLOAD: self._most},
        )
        answer = self._client.send(request, stream=True)
        try:
            self._check(answer)
        except BaseException:
            answer.close()
            raise
        return _Response(answer, url), _Reader(answer.iter_bytes()).read

    def _check(self, answer: httpx.Response) -> None:
        server = self._access.name
        if answer.status_code == 404:
            raise NotGitRepository
        if answer.status_code in (401, 403):
            raise ServerRefused(
                "{url} refuses to let us read (HTTP {status}).",
                hint="Give {server} a credential that may read the repository, and an address at or"
                " above it: elsewhere no credential is sent.",
                url=self._base_url.rstrip("/"),
                status=answer.status_code,
                server=server,
            )
        if answer.status_code != 200:
            raise ServerTrouble(
                "{url} answers with HTTP {status}.",
                hint="If it stays so, look at the server that has the repository.",
                url=self._base_url.rstrip("/"),
                status=answer.status_code,
            )
        if not answer.headers.get("content-type", "").startswith("application/x-git-"):
            # Else it would be taken for a plain folder of files, and read object by object.
            raise ServerRefused(
                "{url} does not answer as a git server does.",
                hint="Open it in a browser: is that the address one clones from?",
                url=self._base_url.rstrip("/"),
            )


class _Response:
    """What dulwich asks an answer for."""

    def __init__(self, answer: httpx.Response, url: str) -> None:
        place = answer.extensions[PLACE]
        self.content_type = answer.headers.get("content-type", "")
        self.redirect_location = "" if place == url else place
        self.close = answer.close


class _Reader:
    """Gives as many bytes as were asked for, fewer only at the end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        parts, missing = [], size
        while missing:
            self._rest = self._rest or next(self._chunks, b"")
            if not self._rest:
                break
            part = self._rest if missing < 0 else self._rest[:missing]
            self._rest = self._rest[len(part) :]
            missing -= len(part) if missing > 0 else 0
            parts.append(part)
        return b"".join(parts)
