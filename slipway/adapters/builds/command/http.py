"""Git's smart HTTP, through the one way out."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dulwich.client import AbstractHttpGitClient
from dulwich.errors import NotGitRepository

from slipway.adapters.egress.outlet import Answer, Limits, Outlet
from slipway.ports.builds import ServerAccess, ServerRefused, ServerTrouble

GIB = 1024**3
# A server that packs a large repository says nothing but a few bytes for minutes.
PATIENT = Limits(read=120, progress_time=600, progress_bytes=1)
_ANY_NAME = "slipway"  # GitLab and GitHub take a token as the password of whatever name


class HttpClient(AbstractHttpGitClient):
    """Raises what Outlet.send does, and ServerRefused where the server says no. To be closed."""

    def __init__(
        self, access: ServerAccess, url: str, *, limits: Limits = PATIENT, most: int = 64 * GIB
    ) -> None:
        """`most`: bytes of one answer."""
        super().__init__(url)
        self._access = access
        self._outlet = Outlet(access, limits=limits)
        self._most = most

    def close(self) -> None:
        super().close()
        self._outlet.close()

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        body = data if isinstance(data, bytes) else b"".join(data or ())
        method = "GET" if data is None else "POST"
        sent = [*(headers or {}).items(), ("Pragma", "no-cache"), *self._credential()]
        answer = self._outlet.send(method, url, sent, body, download=self._most)
        try:
            self._check(answer)
        except BaseException:
            answer.close()
            raise
        response = _Response(answer, answer.header("content-type"), _moved(url, answer))
        return response, _Reader(answer.chunks).read

    def _credential(self) -> list[tuple[str, str]]:
        if not self._access.credential:
            return []
        pair = f"{self._access.username or _ANY_NAME}:{self._access.credential}"
        return [("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())]

    def _check(self, answer: Answer) -> None:
        server = self._access.name
        if answer.status == 404:
            raise NotGitRepository
        if answer.status in (401, 403):
            raise ServerRefused(
                "{url} refuses to let us read (HTTP {status}).",
                hint="Give {server} a credential that may read the repository, and an address at or"
                " above it: elsewhere no credential is sent.",
                url=self._base_url.rstrip("/"),
                status=answer.status,
                server=server,
            )
        if answer.status != 200:
            raise ServerTrouble(
                "{url} answers with HTTP {status}.",
                hint="If it stays so, look at the server that has the repository.",
                url=self._base_url.rstrip("/"),
                status=answer.status,
            )
        if not answer.header("content-type").startswith("application/x-git-"):
            # Else it would be taken for a plain folder of files, and read object by object.
            raise ServerRefused(
                "{url} does not answer as a git server does.",
                hint="Open it in a browser: is that the address one clones from?",
                url=self._base_url.rstrip("/"),
            )


@dataclass(frozen=True, slots=True)
class _Response:
    """What dulwich asks an answer for."""

    answer: Answer
    content_type: str
    redirect_location: str

    def close(self) -> None:
        self.answer.close()


def _moved(url: str, answer: Answer) -> str:
    return answer.url if answer.url != url else ""


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
