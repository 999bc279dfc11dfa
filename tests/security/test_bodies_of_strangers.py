"""Not a byte of a package is read before it is known who sends it, and that they may."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client
from django.utils import timezone

from slipway.adapters.packages import DiskPackages
from slipway.interfaces import doors
from slipway.records.accounts.models import Token
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.server import asking

pytestmark = pytest.mark.once

BILLING = "/api/v1/services/billing/versions?filename=b.tar"
BYTES = {"Content-Type": "application/octet-stream"}
PIECE = bytes(64 * 1024)


@pytest.fixture
def ursula(transactional_db: None, tmp_path: Path) -> Person:
    """May upload versions of billing."""
    doors.open(packages=DiskPackages(tmp_path / "store"))
    make_company()
    return person("ursula", ("deployer", "billing", ""))


class Body:
    """A body of 64 MiB that counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(1024):
            self.taken += len(PIECE)
            yield PIECE


async def sent(headers: dict[str, str], url: str = BILLING) -> tuple[int, str, bool]:
    """Send a body; returns the status, the code, and whether more was read than a server has read
    ahead before anybody looks."""
    body = Body()
    async with asking("POST", url, BYTES | headers, body) as answer:
        said = json.loads(await answer.body())
    return answer.status, said.get("code", ""), body.taken > 4 * len(PIECE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer slw_0123456789ab_nonsense"},
        {"Authorization": "Basic dXJzdWxhOng="},
        {"Cookie": "sessionid=nonsense"},
        {"Cookie": "anything=at-all"},
    ],
)
async def test_of_a_stranger_nothing_is_read(ursula: Person, headers: dict[str, str]) -> None:
    assert await sent(headers) == (401, "unauthorized", False)


async def test_of_who_may_not_upload_nothing_is_read(ursula: Person) -> None:
    dora = await sync_to_async(person)("dora", ("viewer", "", ""))
    assert await sent(dora.headers) == (403, "forbidden", False)


async def test_a_forged_request_of_a_browser_is_not_read(ursula: Person) -> None:
    def session() -> str:
        browser = Client()
        browser.force_login(ursula.user)
        return str(browser.cookies["sessionid"].value)

    cookie = {"Cookie": f"sessionid={await sync_to_async(session)()}"}
    assert await sent(cookie) == (403, "csrf", False)


async def test_what_finds_no_room_is_not_read(
    ursula: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskPackages, "free_bytes", lambda self: 100 * 1024**2)
    announced = {"Content-Length": str(64 * 1024**2)}
    assert await sent(ursula.headers | announced) == (409, "store_full", False)


async def test_of_who_may_everything_is_read(ursula: Person) -> None:
    status, code, is_read = await sent(ursula.headers)
    assert (status, is_read) == (422, True), code  # it is no package


class Revoked(Body):
    """Half-way through, the token of who sends it is revoked."""

    def __init__(self, who: Person) -> None:
        super().__init__()
        self.who = who

    def __iter__(self) -> Iterator[bytes]:
        yield PIECE
        Thread(target=self._revoke).start()
        self.is_revoked.wait(30)
        yield PIECE

    is_revoked = Event()

    def _revoke(self) -> None:
        Token.objects.filter(user=self.who.user).update(revoked_at=timezone.now())
        connections.close_all()
        self.is_revoked.set()


async def test_a_token_that_is_revoked_while_its_package_comes_takes_nothing_in(
    ursula: Person,
) -> None:
    """Why the credential of an upload is asked for twice: before the first byte, after the last."""
    async with asking("POST", BILLING, BYTES | ursula.headers, Revoked(ursula)) as answer:
        said = json.loads(await answer.body())
    assert (answer.status, said["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["/api/v1/services", "/services", "/api/v1/hosts/import"])
@pytest.mark.parametrize("length", [{}, {"Content-Length": "100000"}])
async def test_of_a_stranger_no_large_body_is_read_anywhere(
    ursula: Person, path: str, length: dict[str, str]
) -> None:
    headers = {"Cookie": "sessionid=nonsense", "Transfer-Encoding": "chunked"}
    body = Body()
    async with asking("POST", path, length or headers, body) as answer:
        await answer.body()
    assert answer.status in (302, 401)
    assert body.taken <= len(PIECE)
