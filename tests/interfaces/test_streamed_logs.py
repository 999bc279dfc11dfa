"""Logs that are streamed: a slow reader holds no connection of the database, and has few."""

from collections.abc import AsyncIterator, Iterator

import pytest
from django.db import connections
from django.http.response import StreamingHttpResponse
from django.test import AsyncRequestFactory

from slipway.interfaces import downloads
from slipway.interfaces.downloads import LOGS_PER_PERSON, streamed
from slipway.interfaces.live.live import TooManyViewers
from slipway.records.accounts.rights import Actor


@pytest.fixture(autouse=True)
def dora(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "asker", lambda request: Actor(None, "dora"))


def answer(chunks: Iterator[bytes]) -> StreamingHttpResponse:
    return streamed(AsyncRequestFactory().get("/"), chunks, reads_rows=True)


async def test_connections_are_given_back_between_two_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(connections, "close_all", lambda: told.append("given back"))

    def parts() -> Iterator[bytes]:
        for number in range(2):
            told.append("read")
            yield b"%d" % number

    async for _ in answer(parts()):
        told.append("sent")
    assert told == ["read", "given back", "sent"] * 2 + ["given back"]


async def test_a_person_has_few_at_one_time() -> None:
    begun: list[tuple[StreamingHttpResponse, AsyncIterator[bytes]]] = []
    for _ in range(LOGS_PER_PERSON):
        begun.append((made := answer(iter([b"a", b"b"])), aiter(made)))
        await anext(begun[-1][1])
    with pytest.raises(TooManyViewers):
        answer(iter([b"a"]))
    for _, sent in begun:
        assert [chunk async for chunk in sent] == [b"b"]
    assert [chunk async for chunk in answer(iter([b"a"]))] == [b"a"]
    assert "dora" not in downloads._LOGS_OF
