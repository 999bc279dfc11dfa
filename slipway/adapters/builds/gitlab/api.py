"""GitLab's REST API through the guarded way out; its errors in our words."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import quote

import httpx

from slipway.adapters.builds.pauses import retry_after
from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.boundary import for_people
from slipway.adapters.egress.client import GuardedClient, Unreadable
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import ServerAccess
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.ports.builds import ServerRefused, ServerTrouble

PAGE = 100  # the most that GitLab gives at once
PIECE = 64 * 1024
_ROOT = "/api/v4"

_HINTS = {
    400: "Look at the words of {server}, and at the service's build settings.",
    401: "Has the token expired, or was it revoked? Make a new one with the scope api, and give it "
    "in the settings of {server}.",
    403: "The token needs the scope api, and its user the role Developer in the project; a "
    "protected branch may need a higher one.",
    404: "Is the project's name right, and is the token's user a member? {server} does not tell "
    "strangers what is there.",
}


class NotThere(ServerRefused):
    """404: not there, or not for our eyes."""


class TooMany(ServerTrouble):
    """429: nothing was done, later it will be."""


def path(*parts: object) -> str:
    """Return the path of these parts, each of them data, whatever characters it has."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


class GitLabApi:
    """One conversation with a GitLab. Every method raises ServerTrouble and ServerRefused."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        download: int = 4 * 1024**3,
        limits: RequestLimits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        """`download`: the most bytes that one download may have."""
        self._access = access
        self._most = download
        self._url = access.base_url.rstrip("/") + _ROOT
        # Bytes: the outlet says it of a token that cannot be sent.
        token = {b"PRIVATE-TOKEN": access.credential.encode()}
        self._client = GuardedClient(access, headers=token, limits=limits, resolver=resolver)
        self._headers: Mapping[str, str] = {}  # of the last answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    @property
    def server(self) -> str:
        return self._access.name

    def get(self, where: str, **query: str) -> Mapping[str, Any]:
        answer = self._ask(self._client.get, self._url + where, params=query)
        return self._object(self._read(answer))

    def post(self, where: str, body: dict[str, Any]) -> Mapping[str, Any]:
        answer = self._ask(self._client.post, self._url + where, json=body)
        return self._object(self._read(answer))

    def list(self, where: str, most: int = PAGE, **query: str) -> Iterator[Mapping[str, Any]]:
        """Give what is listed there, page by page as it is wanted, at most `most`."""
        url, left = self._url + where, most
        asked: Mapping[str, object] | None = {"per_page": min(most, PAGE), **query}
        for _ in range(most):  # pages, none of which should be empty
            answer = self._ask(self._client.get, url, params=asked)
            page = self._read(answer)
            if not isinstance(page, list):
                raise self.not_understood()
            yield from map(self._object, page[:left])
            left -= len(page)
            link = answer.links.get("next", {}).get("url", "")
            if left <= 0 or not link:
                return
            # GitLab may believe in another address of its own than the one it is reached by.
            _, root, rest = link.rpartition(f"{_ROOT}/")
            url, asked = f"{self._url}/{rest}" if root else link, None

    def download(self, where: str) -> Generator[bytes]:
        """Give the bytes that lie there; raises before the first one when there are none."""
        answer = self._ask(self._client.download, self._url + where, self._most)
        self._check(answer)
        return _pieces(answer)

    def download_named(self, url: str, *, ours: Sequence[str]) -> Generator[bytes]:
        """Give what lies at an address that a build has named; its query is left as it is. The
        token goes along below the paths `ours` of the API only. Raises OffLimits besides."""
        folders = [self._url + where for where in ours]
        answer = self._ask(self._client.download_named, url, self._most, ours=folders)
        self._check(answer, words=answer.reason_phrase)
        return _pieces(answer)

    def now(self) -> datetime | None:
        """Return what time the server said it was when it answered last."""
        try:
            said = parsedate_to_datetime(self._headers["Date"])
        except (KeyError, ValueError):
            return None
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said

    def _ask(self, ask: Callable[..., httpx.Response], *what: Any, **more: Any) -> httpx.Response:
        try:
            answer = ask(*what, **more)
        except Unreadable as error:
            raise self.not_understood() from error
        self._headers = answer.headers
        return answer

    def _read(self, answer: httpx.Response) -> object:
        self._check(answer)
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise self.not_understood() from error

    def _check(self, answer: httpx.Response, words: str = "") -> None:
        if not answer.is_success:
            with closing(answer):
                raise self._translated(answer.status_code, words or _said(answer))

    def _object(self, told: object) -> Mapping[str, Any]:
        if not isinstance(told, Mapping):
            raise self.not_understood()
        return told

    def not_understood(self) -> ServerTrouble:
        """What to raise for an answer that is not GitLab's."""
        return ServerTrouble(
            "{server} ({url}) gave an answer that is not GitLab's.",
            hint="Is that GitLab's own address? A login page or a proxy answers so, and GitLab "
            "while it is being upgraded.",
            server=self.server,
            url=self._access.base_url,
        )

    def _translated(self, status: int, words: object) -> Refused:
        values = {"server": self.server, "words": _in_one_line(words), "status": status}
        if status == 429:
            return self._too_many(values)
        if status >= 500 or status == 408:
            return ServerTrouble(
                "{server} has trouble of its own: {words}.",
                hint="It is asked again. If it stays so, look at {server}.",
                **values,
            )
        if 300 <= status < 400:
            return ServerRefused(
                "{server} sends us elsewhere, to {place}, instead of doing what was asked.",
                hint="Correct the address of {server}: is it https now, or another name?",
                place=for_people(self._headers.get("Location", "")),
                **values,
            )
        kind = NotThere if status == 404 else ServerRefused
        return kind("{server} says no: {words}.", hint=_HINTS.get(status, _HINTS[400]), **values)

    def _too_many(self, values: Mapping[str, object]) -> TooMany:
        error = TooMany(
            "{server} says that we ask too often.",
            hint="It is asked again later. Its limits are set in GitLab's admin area.",
            **values,
        )
        error.retry_after = retry_after(self._headers)
        return error


def _pieces(answer: httpx.Response) -> Generator[bytes]:
    with closing(answer):
        yield from answer.iter_bytes()


def _said(answer: httpx.Response) -> object:
    """GitLab's own words for why not."""
    body = answer.read()
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return told.get("error", told.get("message", body)) if isinstance(told, Mapping) else body


def _in_one_line(words: object) -> str:
    """What GitLab says, be it a sentence, a list or {"base": ["…"]}, in one line."""
    if isinstance(words, bytes):
        words = words.decode(errors="replace")
    if isinstance(words, Mapping):
        inner = (
            _in_one_line(value) if name == "base" else f"{name} {_in_one_line(value)}"
            for name, value in words.items()
        )
        words = "; ".join(inner)
    elif isinstance(words, list | tuple):
        words = "; ".join(_in_one_line(word) for word in words)
    text = " ".join(str(words).split())
    return "a page of HTML" if text.startswith("<") else shown(text, 300).rstrip(".")
