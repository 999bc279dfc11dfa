"""Packages go through without ever being whole in memory."""

import hashlib
import json
import resource
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from slipway.adapters.packages import DiskPackages
from slipway.interfaces import doors
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.server import asking, pieces_of

SIZE = 200 * 1024**2
MOST_MEMORY = 64 * 1024**2  # for the request, the server and the store together
PATH = "/api/v1/services/billing/versions"


def big_package() -> Iterator[bytes]:
    """Yield a .tar with one file of 200 MiB."""
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
