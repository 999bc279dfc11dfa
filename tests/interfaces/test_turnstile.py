"""Who is known goes first; strangers come a few at a time, and hold only so much."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from slipway.interfaces.entrance.bodies import PATIENCE, Message, Receive, Scope, Send
from slipway.interfaces.entrance.gate import BodyGate
from slipway.interfaces.entrance.turnstile import (
    KNOWN,
    STRANGERS_AT_ONCE,
    WAITING,
    Full,
    Known,
    Room,
    Turnstile,
)

TOKEN = "Bearer slw_alice"


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    KNOWN.note(TOKEN, "", is_good=True)
    yield
    KNOWN.note(TOKEN, "", is_good=False)


class Busy:
    """An application that answers nobody until it may."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        await self.may_go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Visit:
    """One request at a gate; its body comes when it is told to."""

    def __init__(
        self,
        gate: BodyGate,
        path: str,
        headers: dict[str, str],
        body: bytes = b"",
        address: str = "10.0.0.1",
    ) -> None:
        self.status = 0
        self._body: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path}
        scope["headers"] = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        scope["client"] = (address, 1)
        self.task = asyncio.ensure_future(gate(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        if self._body:
            return self._body.pop()
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


def gate_of(application: Busy, *, patience: float = PATIENCE) -> BodyGate:
    async def nobody(scope: Scope) -> bool:
        return False

    return BodyGate(
        application, package_limit=2**30, may_send=nobody, hesitation=0.0, patience=patience
    )


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_who_is_known_does_not_wait_behind_strangers() -> None:
    busy = Busy()
    gate = gate_of(busy)
    strangers = [Visit(gate, "/login", {}) for _ in range(STRANGERS_AT_ONCE + WAITING + 5)]
    await settled()
    assert busy.inside == STRANGERS_AT_ONCE
    assert [each.status for each in strangers if each.task.done()] == [503] * 5
    alice = Visit(gate, "/services", {"Authorization": TOKEN})
    forged = Visit(gate, "/services", {"Authorization": "Bearer slw_forged"})
    await settled()
    assert (busy.inside, forged.status) == (STRANGERS_AT_ONCE + 1, 503)
    busy.may_go_on.set()
    async with asyncio.timeout(60):
        await asyncio.gather(alice.task, *(each.task for each in strangers))
    assert [each.status for each in strangers].count(200) == STRANGERS_AT_ONCE + WAITING


async def test_a_thousand_webhooks_at_once_all_have_their_turn() -> None:
    busy = Busy()
    hooks = [
        Visit(gate, "/hooks/gitlab", {}, b"x" * 5000)
        for gate in [gate_of(busy)]
        for _ in range(1000)
    ]
    await settled()
    busy.may_go_on.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*(each.task for each in hooks))
    assert {each.status for each in hooks} == {200}


async def test_webhooks_of_strangers_hold_only_so_much_and_give_it_back() -> None:
    busy = Busy()
    gate = gate_of(busy)
    large = b"x" * 1024**2
    few = [Visit(gate, "/hooks/gitlab", {}, large) for _ in range(8)]
    await settled()
    assert [each.status for each in few].count(503) == 2
    many = [Visit(gate, "/hooks/gitlab", {}, large, f"10.0.1.{n}") for n in range(20)]
    await settled()
    assert [each.status for each in many].count(503) == 18
    busy.may_go_on.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*(each.task for each in (*few, *many)))
    again = Visit(gate, "/hooks/gitlab", {}, large)
    await again.task
    assert again.status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": "c=" + "v" * 40_000}, 431),
        ({"Content-Length": "70000"}, 413),
    ],
)
async def test_a_large_head_and_a_large_login_are_refused_unread(
    headers: dict[str, str], status: int
) -> None:
    busy = Busy()
    visit = Visit(gate_of(busy), "/login", headers)
    await visit.task
    assert (visit.status, busy.inside) == (status, 0)


async def test_a_body_that_comes_too_slowly_is_408() -> None:
    for headers in ({}, {"Authorization": TOKEN}):
        visit = Visit(gate_of(Reading(), patience=0.05), "/services", headers)
        visit._body = [{"type": "http.request", "body": b"x", "more_body": True}]
        async with asyncio.timeout(60):
            await visit.task
        assert visit.status == 408


class Reading(Busy):
    """Reads its body, as Django does, and lets go when the client has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body"):
            pass
        assert message["type"] == "http.disconnect"


def test_a_credential_is_known_as_long_as_it_is_good() -> None:
    known = Known()
    session = {b"cookie": b"csrftoken=x; sessionid=abc"}
    token = {b"authorization": b"Bearer slw_x"}
    assert not known.has(session)
    known.note("", "sessionid=abc; theme=dark", is_good=True)
    known.note("Bearer slw_x", "", is_good=True)
    assert known.has(session)
    assert known.has(token)
    assert not known.has(session | {b"authorization": b"Bearer slw_y"})
    known.note("Bearer slw_x", "", is_good=False)
    assert not known.has(token)
    assert not known.has({})


async def test_a_turn_ends_with_its_block_or_before() -> None:
    turnstile = Turnstile(1, 0)
    with pytest.raises(Full):
        async with turnstile.turn():
            pass
    turnstile = Turnstile(1, 1)
    async with turnstile.turn() as end:
        end()
        async with turnstile.turn():
            pass


def test_what_is_held_is_given_back() -> None:
    room = Room(10, 6)
    with room.of("a") as one, room.of("b") as other:
        assert one.take(6)
        assert not one.take(1)
        assert not other.take(5)
        assert other.take(4)
    with room.of("b") as again:
        assert again.take(6)
