"""Packages go through without ever being whole in memory."""

import hashlib
import json
import resource
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from pytest_django import Settings

from slipway.adapters.packages import DiskPackages
from slipway.interfaces import doors
from slipway.records.audit.models import Event
from tests.interfaces.archives import package
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.server import asking, pieces_of

SIZE = 200 * 1024**2
MOST_MEMORY = 64 * 1024**2  # for the request, the server and the store together
PATH = "/api/v1/services/billing/versions"


def big_package() -> Iterator[bytes]:
    """Yield a .tar with a program and a file of 200 MiB."""
    program = tarfile.TarInfo("bin/app")
    program.mode, program.size = 0o755, 512
    yield program.tobuf() + b"#!/bin/sh\n".ljust(512, b"\n")
    entry = tarfile.TarInfo("data.bin")
    entry.size = SIZE
    yield entry.tobuf()
    yield from pieces_of(SIZE)
    yield bytes(10240)


@pytest.fixture
def uploader(transactional_db: None, tmp_path: Path) -> Person:
    doors.open(packages=DiskPackages(tmp_path / "store"))
    make_company()
    return person("ursula", ("deployer", "billing", ""))


class Memory:
    """What this process holds of the machine's memory, looked at on the way."""

    def __init__(self) -> None:
        self.before = self.most = self._now()

    def look(self) -> None:
        self.most = max(self.most, self._now())

    @property
    def growth(self) -> int:
        return self.most - self.before

    @staticmethod
    def _now() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def test_a_large_package_goes_in_and_out_in_little_memory(uploader: Person) -> None:
    headers = {**uploader.headers, "Content-Type": "application/octet-stream"}
    memory = Memory()
    url = f"{PATH}?filename=billing.tar&version=1.0"
    async with asking("POST", url, headers, watched(big_package(), memory)) as answer:
        made = json.loads(await answer.body())
    assert answer.status == 201, made
    memory.look()
    digest = hashlib.sha256()
    async with asking("GET", f"{PATH}/1.0/package", uploader.headers) as answer:
        async for piece in answer:
            digest.update(piece)
            memory.look()
    assert digest.hexdigest() == made["sha256"]
    assert memory.growth < MOST_MEMORY, f"{memory.growth / 1024**2:.0f} MiB"


async def test_the_page_gives_a_large_package_in_little_memory_and_tells_it(
    uploader: Person,
) -> None:
    headers = {**uploader.headers, "Content-Type": "application/octet-stream"}
    url = f"{PATH}?filename=billing.tar&version=1.0"
    async with asking("POST", url, headers, big_package()) as answer:
        made = json.loads(await answer.body())
    cookie = await sync_to_async(_session_of)(uploader)
    page = "/services/billing/versions/1.0/package"
    memory, digest = Memory(), hashlib.sha256()
    async with asking("GET", page, {"Cookie": cookie}) as answer:
        async for piece in answer:
            digest.update(piece)
            memory.look()
    assert digest.hexdigest() == made["sha256"]
    assert memory.growth < MOST_MEMORY, f"{memory.growth / 1024**2:.0f} MiB"
    told = await sync_to_async(lambda: list(Event.objects.filter(verb="version.downloaded")))()
    assert [(each.by_name, each.thing_name) for each in told] == [("ursula", "billing 1.0")]


async def test_who_asks_for_the_head_of_a_package_took_none(
    uploader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {**uploader.headers, "Content-Type": "application/octet-stream"}
    url = f"{PATH}?filename=billing.tar.gz&version=1.0"
    async with asking("POST", url, headers, [package()]) as answer:
        made = json.loads(await answer.body())
    monkeypatch.setattr(DiskPackages, "open", None)  # nobody does
    cookie = await sync_to_async(_session_of)(uploader)
    by_page, by_token = {"Cookie": cookie}, uploader.headers
    page = "/services/billing/versions/1.0/package"
    for path, headers in ((page, by_page), (f"{PATH}/1.0/package", by_token)):
        async with asking("HEAD", path, headers) as answer:
            assert await answer.body() == b""
        assert answer.status == 200
        assert answer.headers["content-length"] == str(len(package()))
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["etag"] == f'"{made["sha256"]}"'
    told = await sync_to_async(Event.objects.filter(verb="version.downloaded").count)()
    assert told == 0


def _session_of(person: Person) -> str:
    browser = Client()
    browser.force_login(person.user)
    return f"sessionid={browser.cookies['sessionid'].value}"


def watched(pieces: Iterator[bytes], memory: Memory) -> Iterator[bytes]:
    for number, piece in enumerate(pieces):
        if number % 64 == 0:
            memory.look()
        yield piece


async def test_a_package_above_the_limit_is_refused_and_leaves_nothing(
    uploader: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.SLIPWAY_PACKAGE_LIMIT = 1024**2
    headers = {**uploader.headers, "Content-Type": "application/octet-stream"}
    async with asking("POST", f"{PATH}?filename=b.tar", headers, pieces_of(1024**2 + 1)) as answer:
        refused = json.loads(await answer.body())
    assert (answer.status, refused["code"]) == (413, "too_large")
    left = await sync_to_async(lambda: [p for p in tmp_path.rglob("*") if p.is_file()])()
    assert left == []
