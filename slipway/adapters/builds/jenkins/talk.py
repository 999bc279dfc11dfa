"""Talks to Jenkins through the one way out: requests, crumbs, and what its answers mean."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Self

import httpx

from slipway.adapters.builds.pauses import retry_after
from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.client import GuardedClient, Unreadable
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import ServerAccess
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble

ANONYMOUS = Sentence.of("anonymous", "anonymous")
_THE_RIGHT = Sentence.of("the_right", "the right")


class NoSuchPage(Exception):
    """The address is not known (404): what that means, the asker knows."""


class Talk:
    """A conversation with one server; to be used as a context manager. Everything raises
    ServerTrouble or ServerRefused; `path` is below the server's address, encoded, with a slash at
    its end ("job/team/job/billing/")."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        limits: RequestLimits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self.access = access
        self._base = access.base_url.rstrip("/") + "/"
        has_login = access.username or access.credential
        auth = (access.username, access.credential) if has_login else None
        self._client = GuardedClient(access, auth=auth, limits=limits, resolver=resolver)
        self._has_crumb = False  # API tokens need none: asked for only once the server insists

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def read(self, path: str, tree: str) -> Mapping[str, Any]:
        """Return the JSON of what lies at `path`. Raises NoSuchPage."""
        response = self.ask(path, "api/json", {"tree": tree})
        self.check(response)
        return self.parse(response)

    def ask(self, path: str, entry: str, params: Mapping[str, str] | None = None) -> httpx.Response:
        """Return the answer to a GET, whatever it says."""
        with self._wording():
            return self._client.get(self._url(path, entry), params=params)

    def post(self, path: str, entry: str, data: Mapping[str, str]) -> httpx.Response:
        """Return the head of the answer, whatever it says; nobody waits for its body. The data go
        as a form: what stands in an address is written to logs."""
        with self._wording():
            response = self._post(path, entry, data)
            # Denied means not done, so it may be said again, with the crumb.
            if response.status_code == 403 and not self._has_crumb and self._take_crumb():
                response = self._post(path, entry, data)
        return response

    def _post(self, path: str, entry: str, data: Mapping[str, str]) -> httpx.Response:
        with self._client.stream("POST", self._url(path, entry), data=data) as response:
            return response

    def _take_crumb(self) -> bool:
        response = self.ask("", "crumbIssuer/api/json")
        if response.status_code != 200:
            return False
        told = self.parse(response)
        field, value = told.get("crumbRequestField"), told.get("crumb")
        if not (isinstance(field, str) and isinstance(value, str) and (field + value).isascii()):
            return False
        self._client.headers[field] = value
        self._has_crumb = True
        return True

    @contextmanager
    def stream(
        self, path: str, entry: str, limit: int, params: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """Give a download of at most `limit` bytes, not yet read, whatever its status."""
        with self._wording():
            answer = self._client.download(self._url(path, entry), limit, params=params)
            with closing(answer):
                yield answer

    @contextmanager
    def stream_named(self, url: str, limit: int, *, ours: str) -> Iterator[httpx.Response]:
        """The same, from an address that a build has named. Our login goes along below the path
        `ours` only. Raises OffLimits."""
        with self._wording():
            folders = [self._base + ours]
            with closing(self._client.download_named(url, limit, ours=folders)) as answer:
                yield answer

    def _url(self, path: str, entry: str) -> str:
        # httpx would walk such steps, and nobody behind it could see that they were there.
        if any(step in (".", "..") for step in f"{path}{entry}".split("/")):
            raise OffLimits(
                "{path} leads out of what was asked for on {server}.",
                hint="Is the project a job's path like team/billing, and the artifact inside the "
                "workspace?",
                path=shown(f"{path}{entry}", 200),
                server=self.access.name,
            )
        return f"{self._base}{path}{entry}"

    @contextmanager
    def _wording(self) -> Iterator[None]:
        try:
            yield
        except Unreadable as error:
            raise ServerTrouble(
                "{server} answers in a way that cannot be read: {reason}.",
                hint="Is its address that of Jenkins itself?",
                server=self.access.name,
                reason=shown(str(error)) or type(error).__name__,
            ) from error

    def parse(self, response: httpx.Response) -> Mapping[str, Any]:
        try:
            told = json.loads(response.content)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise ServerTrouble(
                "{server} answered {url} with something that is not JSON.",
                hint="Is its address that of Jenkins itself? A proxy or a login page may stand in "
                "front of it.",
                server=self.access.name,
                url=shown(str(response.url.copy_with(query=None)), 200),
            )
        return told

    def check(self, response: httpx.Response) -> None:
        """Raises NoSuchPage, and ServerTrouble or ServerRefused for what is no answer."""
        status = response.status_code
        if status == 404:
            raise NoSuchPage
        if status in (401, 403):
            raise self._denied(response)
        if status == 429 or status >= 500:
            raise self.trouble(response)
        if not response.is_success:
            raise ServerRefused(
                "{server} answered with the status {status}.",
                hint="Is its address that of Jenkins itself, and the job one that can be built?",
                server=self.access.name,
                status=status,
            )

    def checked(self, response: httpx.Response) -> httpx.Response:
        """Return the answer, where there should be one whatever is configured."""
        try:
            self.check(response)
        except NoSuchPage as error:
            raise ServerRefused(
                "{server} has no {path}.",
                hint="Is its address that of Jenkins' first page, and does Jenkins know the user?",
                server=self.access.name,
                path=shown(response.url.path, 200),
            ) from error
        return response

    def trouble(self, response: httpx.Response) -> ServerTrouble:
        trouble = ServerTrouble(
            "{server} answered with the status {status}.",
            hint="It is asked again later. Should it stay so, look at the log of {server}.",
            server=self.access.name,
            status=response.status_code,
        )
        trouble.retry_after = retry_after(response.headers)
        return trouble

    def _denied(self, response: httpx.Response) -> ServerRefused:
        who = shown(self.access.username) or ANONYMOUS
        if response.status_code == 401:
            return ServerRefused(
                "{server} does not take the credential of {who} (401).",
                hint="Make an API token for {who} in Jenkins (its user page, Security), and give "
                "name and token in the settings of {server}.",
                server=self.access.name,
                who=who,
            )
        wanted = shown(response.headers.get("X-Required-Permission", "")) or _THE_RIGHT
        return ServerRefused(
            "{server} denies {who} what was asked (403): {wanted} is missing.",
            hint="Give {who} Overall/Read, Job/Read, Job/Build and Job/Cancel in Jenkins.",
            server=self.access.name,
            who=who,
            wanted=wanted,
        )
