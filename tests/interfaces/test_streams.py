"""Live state from the database to the browser, through the real application."""

import asyncio
import contextlib
import gc
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from slipway.core.rollout.value.words import End
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence
from slipway.interfaces.live import live as live_module
from slipway.interfaces.live.doorbells import doorbell
from slipway.interfaces.live.live import LivePauses
from slipway.interfaces.live.shown import look
from slipway.records.accounts.models import Token
from slipway.records.rollouts.ask.queries import glance
from slipway.records.rollouts.models import Rollout
from tests.hand import Hand
from tests.interfaces.conftest import make_company
from tests.interfaces.listening import WITHIN, Listener
from tests.interfaces.people import Person, person
from tests.interfaces.releases import begin, make_version
from tests.interfaces.server import asking


@dataclass
class Show:
    """A rollout under way, driven by hand, and somebody who may watch it."""

    rollout: Rollout
    hand: Hand
    alice: Person
    mallory: Person

    @property
    def url(self) -> str:
        return f"/api/v1/rollouts/{self.rollout.pk}/events"

    def tell(self, said: Sentence | str) -> None:
        self.hand.say(said)

    def finish_first(self) -> None:
        self.hand.succeed(self.hand.places()[0])

    def close(self) -> None:
        for place in self.hand.waiting():
            self.hand.succeed(place)
        self.hand.close()


@pytest.fixture
def show(transactional_db: None, packages: object) -> Show:
    make_company()
    make_version("1.0")
    rollout = begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2")
    alice = person("alice", ("viewer", "billing", "prod"))
    return Show(rollout, Hand(rollout), alice, person("mallory", ("admin", "shop", "")))


@pytest.fixture(autouse=True)
async def only_the_bell(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Nobody looks unasked, so that the database's own doorbell has to ring."""
    keep_alive = getattr(request, "param", live_module.IN_LIFE.keep_alive)
    live_module.live(look, glance, doorbell, LivePauses(unasked=600.0, keep_alive=keep_alive))
    yield
    found = live_module._LIVES.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()
    await no_readers()


impatient = pytest.mark.parametrize("only_the_bell", [0.1], indirect=True)


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("live")]


def requests() -> list[HttpRequest]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, HttpRequest)]


async def no_readers() -> None:
    """Wait until nobody reads for boards any more."""
    async with asyncio.timeout(60):
        while found := readers():  # some may be begun only to give back what they hold
            for thread in found:
                await asyncio.to_thread(thread.join, 1.0)


async def apart(change: Callable[[], object]) -> None:
    """Make a change in another thread, and leave no connection open there."""

    def change_and_leave() -> None:
        change()
        connections.close_all()

    await sync_to_async(change_and_leave)()


async def test_a_board_fills_as_the_rollout_goes_on(show: Show) -> None:
    listener = Listener()
    async with asking("GET", show.url, show.alice.headers) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        await listener.read(answer, "web-2")
        assert listener.cells() == {"web-1": "pending", "web-2": "pending"}
        await apart(partial(show.tell, "Batch 1 of 2 begins."))
        await listener.read(answer, "Batch 1 of 2 begins.")
        await apart(show.finish_first)
        await listener.read(answer, '"succeeded"')
        assert listener.cells()["web-1"] == "succeeded"
        await apart(show.close)
        await listener.read(answer, '"end", {')
        assert await answer.body() == b""  # and the stream is closed by us
    assert listener.events[-1][1:] == ("end", {"state": "succeeded"})


async def test_each_board_hears_it_in_the_language_of_its_reader(show: Show) -> None:
    def signed_in() -> str:
        client = Client()
        client.force_login(show.alice.user)
        return str(client.cookies["sessionid"].value)

    said = Sentence.of("rollout.paused", "{person} paused it", person="alice")
    cookie = f"sessionid={await sync_to_async(signed_in)()}; django_language="
    url = f"/rollouts/{show.rollout.pk}/events"
    chinese, english = Listener(), Listener()
    async with (
        asking("GET", url, {"Cookie": f"{cookie}zh-hans"}) as there,
        asking("GET", url, {"Cookie": f"{cookie}en"}) as here,
    ):
        await apart(partial(show.tell, said))
        await chinese.read(there, "alice")
        await english.read(here, "alice")
    assert (chinese.texts(), english.texts()) == (["alice 暂停了它"], ["alice paused it"])


async def test_a_broken_stream_goes_on_where_it_ended(show: Show) -> None:
    listener = Listener()
    await apart(partial(show.tell, "first"))
    async with asking("GET", show.url, show.alice.headers) as answer:
        await listener.read(answer, "first")
    await apart(partial(show.tell, "second"))
    headers = {**show.alice.headers, "Last-Event-ID": listener.last_id}
    async with asking("GET", show.url, headers) as answer:
        await listener.read(answer, "second")
    await apart(partial(show.tell, "third"))
    async with asking("GET", f"{show.url}?after={listener.last_id}", show.alice.headers) as answer:
        await listener.read(answer, "third")
    assert [text for text in listener.texts() if text in ("first", "second", "third")] == [
        "first",
        "second",
        "third",
    ]


async def test_nothing_is_held_open_once_nobody_looks(show: Show) -> None:
    async with asking("GET", show.url, show.alice.headers) as answer:
        await Listener().read(answer, "web-2")
        assert readers() != []
    await no_readers()  # a thread gives its connection back at its end


async def test_an_open_stream_holds_neither_its_request_nor_a_thread(show: Show) -> None:
    threads, kept = set(threading.enumerate()), requests()
    async with contextlib.AsyncExitStack() as boards:
        for _ in range(3):
            answer = await boards.enter_async_context(asking("GET", show.url, show.alice.headers))
            await Listener().read(answer, "web-2")
        assert len(requests()) <= len(kept)
        assert set(threading.enumerate()) - threads <= set(readers())


async def test_a_rollout_that_is_over_is_told_whole_and_ends(show: Show) -> None:
    await apart(partial(show.hand.close, End.CANCELLED))
    listener = Listener()
    async with asking("GET", show.url, show.alice.headers) as answer:
        await listener.read(answer, '"end", {')
    assert listener.cells() == {"web-1": "cancelled", "web-2": "cancelled"}


async def test_a_stream_is_hidden_from_those_who_may_not_look(show: Show) -> None:
    async with asking("GET", show.url, show.mallory.headers) as answer:
        assert answer.status == 404
        assert json.loads(await answer.body())["code"] == "not_found"
    async with asking("GET", show.url, {}) as answer:
        assert answer.status == 401


@impatient
async def test_a_stream_ends_when_its_token_does(show: Show) -> None:
    listener = Listener()
    async with asking("GET", show.url, show.alice.headers) as answer:
        await listener.read(answer, "web-2")
        tokens = Token.objects.filter(user=show.alice.user)
        await apart(partial(tokens.update, revoked_at=timezone.now()))
        async with asyncio.timeout(WITHIN):
            await answer.body()
    assert listener.events[-1][1] == "delta"


@impatient
async def test_a_stream_ends_when_its_session_does(show: Show) -> None:
    client = Client()
    await apart(partial(client.force_login, show.alice.user))
    headers = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    listener = Listener()
    async with asking("GET", show.url, headers) as answer:
        await listener.read(answer, "web-2")
        await apart(client.logout)
        async with asyncio.timeout(WITHIN):
            await answer.body()
    assert listener.events[-1][1] == "delta"


async def test_one_person_too_many_streams_is_told_so(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "PER_PERSON", 1)
    listener = Listener()
    async with asking("GET", show.url, show.alice.headers) as answer:
        await listener.read(answer, "web-2")
        async with asking("GET", show.url, show.alice.headers) as refused:
            assert refused.status == 429
            assert json.loads(await refused.body())["code"] == "too_many_viewers"
    async with asking("GET", show.url, show.alice.headers) as answer:
        assert answer.status == 200
        await Listener().read(answer, "web-2")


async def test_whose_right_is_on_a_service_hears_not_how_a_host_is_reached(show: Show) -> None:
    said = Sentence.of("lost", "{host} ({address}) is lost", host="web-1", address="10.0.30.1")
    vera = await sync_to_async(person)("vera", ("viewer", "", "prod"))
    narrow, wide = Listener(), Listener()
    async with (
        asking("GET", show.url, show.alice.headers) as there,
        asking("GET", show.url, vera.headers) as here,
    ):
        await apart(partial(show.tell, said))
        await narrow.read(there, "is lost")
        await wide.read(here, "is lost")
    assert "web-1 (…) is lost" in narrow.texts()
    assert "web-1 (10.0.30.1) is lost" in wide.texts()
