"""The client that goes out through the outlet, and servers for it to reach."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing

import pytest

from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.client import GuardedClient
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import ServerAccess, ServerKind
from tests.stands.gitlab_http import LoopbackServer, Reply, Request

DOWNLOAD_LIMIT = 1500
# Enough for whatever comes at all, on a busy machine too.
USUAL = RequestLimits(connect=10, read=10, answer=10, answer_bytes=1000)
# For what never comes, or hardly.
HASTY = RequestLimits(
    connect=1, read=0.5, answer=0.5, answer_bytes=1000, progress_time=0.5, progress_bytes=50
)


class WayOut:
    """The client, asked for what the tests ask. A download has at most DOWNLOAD_LIMIT bytes."""

    def __init__(self, access: ServerAccess, limits: RequestLimits, resolver: Resolver) -> None:
        self.client = GuardedClient(access, limits=limits, resolver=resolver)

    def ask(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        answer = self.client.request(method, url, headers=headers)
        return answer.status_code, answer.content

    def download(self, url: str) -> bytes:
        with closing(self.client.download(url, DOWNLOAD_LIMIT)) as answer:
            return b"".join(answer.iter_bytes())


Make = Callable[..., WayOut]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes the way out to a server: its address, facts of ServerAccess, limits, resolver."""
    with ExitStack() as held:

        def make_one(
            base_url: str,
            *,
            limits: RequestLimits = USUAL,
            resolver: Resolver = resolve,
            **facts: object,
        ) -> WayOut:
            access = ServerAccess("gitlab-1", ServerKind.GITLAB, base_url, **facts)  # type: ignore[arg-type]
            made = WayOut(access, limits, resolver)
            held.enter_context(made.client)
            return made

        yield make_one


def echo(request: Request) -> Reply:
    """What the server was asked with; at /large and /larger nothing but bytes."""
    sizes = {"/large": DOWNLOAD_LIMIT, "/larger": DOWNLOAD_LIMIT + 1}
    if request.path in sizes:
        return Reply(200, b"x" * sizes[request.path])
    headers = {"Content-Type": "application/json"}
    facts = {"headers": dict(request.headers), "path": request.path, "body": request.body.decode()}
    return Reply(200, json.dumps(facts).encode(), headers)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(echo) as running:
        yield running


@pytest.fixture
def other() -> Iterator[LoopbackServer]:
    with LoopbackServer(echo) as running:
        yield running


class Rebinding:
    """A name server that says something else each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self._answers.pop(0)
