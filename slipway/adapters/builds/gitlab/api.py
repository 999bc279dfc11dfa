"""GitLab's REST API through the guarded way out; its errors in our words."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import gitlab
import requests
from gitlab.utils import EncodedId

from slipway.adapters.builds.pauses import retry_after
from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.boundary import Boundary, for_people
from slipway.adapters.egress.outlet import Limits
from slipway.adapters.egress.session import GuardedSession
from slipway.core.names import shown
from slipway.core.refusal import Refused
from slipway.ports.builds import ServerAccess, ServerRefused, ServerTrouble

PAGE = 100  # the most that GitLab gives at once
PIECE = 64 * 1024

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
    return "".join(f"/{EncodedId(str(part))}" for part in parts)


class GitLabApi:
    """One conversation with a GitLab. Every method raises ServerTrouble and ServerRefused."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        download: int = 4 * 1024**3,
        limits: Limits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        """`download`: the most bytes that one download may have."""
        self._access = access
        self._session = GuardedSession(access, download=download, limits=limits, resolver=resolver)
        self._session.hooks["response"].append(self._remember)
        self._gitlab = gitlab.Gitlab(
            access.base_url,
            private_token=access.credential,
            session=self._session,
            user_agent="Slipway",
            keep_base_url=True,
        )
        self._headers: Mapping[str, str] = {}  # of the last answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()

    @property
    def server(self) -> str:
        return self._access.name

    def get(self, where: str, **query: object) -> Mapping[str, Any]:
        with self._in_our_words():
            return self._checked(self._gitlab.http_get(where, query, obey_rate_limit=False))

    def post(self, where: str, body: dict[str, Any]) -> Mapping[str, Any]:
        with self._in_our_words():
            answer = self._gitlab.http_post(where, post_data=body, obey_rate_limit=False)
            return self._checked(answer)

    def list(self, where: str, most: int = PAGE, **query: object) -> Iterator[Mapping[str, Any]]:
        """Give what is listed there, page by page as it is wanted, at most `most`."""
        with self._in_our_words():
            found = self._gitlab.http_list(
                where, {"per_page": min(most, PAGE), **query}, iterator=True, obey_rate_limit=False
            )
            for _, item in zip(range(most), found, strict=False):
                yield self._checked(item)

    def download(self, where: str) -> Generator[bytes]:
        """Give the bytes that lie there; raises before the first one when there are none."""
        with self._in_our_words():
            response = self._gitlab.http_request("get", where, streamed=True, obey_rate_limit=False)
        return _pieces(response)

    def download_from(self, url: str, *, ours: Sequence[str]) -> Generator[bytes]:
        """Give what lies at an address that a build told; its query is left as it is. The token
        goes along below the paths `ours` of the API only: whoever writes a build may not read with
        it what else it opens. Raises OffLimits besides."""
        place = Boundary(self._access).check(url)  # before a library makes something else of it
        here = unquote(place.path)
        api = unquote(urlsplit(self._gitlab.api_url).path)
        is_ours = place.with_credentials and any(
            here.startswith(f"{api}{unquote(where)}/") for where in ours
        )
        headers = {"User-Agent": "Slipway"}
        if is_ours:
            headers["PRIVATE-TOKEN"] = self._access.credential
        with self._in_our_words():
            response = self._session.get(url, headers=headers, stream=True)
            if response.status_code >= 300:
                raise gitlab.GitlabHttpError(f"{response.reason}", response.status_code)
        return _pieces(response)

    def now(self) -> datetime | None:
        """Return what time the server said it was when it answered last."""
        try:
            said = parsedate_to_datetime(self._headers["Date"])
        except (KeyError, ValueError):
            return None
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said

    def _remember(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        self._headers = response.headers

    def _checked(self, answer: object) -> Mapping[str, Any]:
        if not isinstance(answer, Mapping):
            raise gitlab.GitlabParsingError("no JSON object")
        return answer

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except gitlab.GitlabParsingError as error:
            raise self.not_understood() from error
        except gitlab.GitlabError as error:
            raise self._translated(error.response_code or 0, error.error_message) from error
        except requests.RequestException as error:
            raise self.not_understood() from error

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


def _pieces(response: requests.Response) -> Generator[bytes]:
    with closing(response):
        yield from response.iter_content(PIECE)


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
