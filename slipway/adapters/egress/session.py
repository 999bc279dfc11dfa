"""The way out as python-gitlab takes it: a session of requests."""

from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.outlet import Answer, Limits, Outlet
from slipway.ports.builds import ServerAccess


class GuardedSession(requests.Session):
    """Sends everything through the outlet, and nothing that the environment or a netrc says.
    A request with `stream` is a download of at most `download` bytes. Raises what Outlet.send
    does; to be closed."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        download: int = 4 * 1024**3,
        limits: Limits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.adapters.clear()
        self.mount("", _Adapter(Outlet(access, limits=limits, resolver=resolver), download))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: the outlet has followed those that may be followed."""


class _Adapter(BaseAdapter):
    def __init__(self, outlet: Outlet, download: int) -> None:
        super().__init__()
        self._outlet = outlet
        self._download = download

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *args: Any, **kwargs: Any
    ) -> requests.Response:
        answer = self._outlet.send(
            request.method or "GET",
            request.url or "",
            [(_text(name), _text(value)) for name, value in request.headers.items()],
            _bytes(request.body),
            download=self._download if stream else None,
        )
        return _response(request, answer)

    def close(self) -> None:
        self._outlet.close()


class _Raw:
    """The answer's body, as requests reads it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def stream(self, amt: int | None = None, decode_content: bool = True) -> Iterator[bytes]:
        return self._answer.chunks

    def close(self) -> None:
        self._answer.close()

    def release_conn(self) -> None:
        """The connection goes back by itself once the answer is read, or closed."""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url = answer.url
    response.raw = _Raw(answer)
    response.request = request
    return response


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    raise TypeError(f"a body of {type(body).__name__} is not sent from here")
