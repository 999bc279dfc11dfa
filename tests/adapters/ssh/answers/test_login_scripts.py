"""What a login script says comes before us, and is no answer, whatever words it chooses."""

import asyncio
from types import SimpleNamespace

import pytest

from slipway.adapters.ssh import packages

GREETING = b"slipway\nsend\n"


async def answer_after(said: bytes) -> str:
    stdout = asyncio.StreamReader()
    stdout.feed_data(said)
    stdout.feed_eof()
    process = SimpleNamespace(stdout=stdout)
    await packages._greeted(process)  # type: ignore[arg-type]
    return await packages._answer(process)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"have a nice day\n",
        b"refused to sell: see the motd\r\n",
        b"send\nhave\nreceived\n",
        b"\xff\xfe no text\n",
        b"slipway is what we use here\n",
    ],
)
async def test_a_login_script_answers_nothing(said: bytes) -> None:
    assert await answer_after(said + GREETING) == "send"


async def test_a_host_that_never_greets_has_no_answer() -> None:
    assert await answer_after(b"have\nThis account is currently not available.\n") == ""


async def test_noise_without_end_is_not_read_to_it() -> None:
    assert await answer_after(b"motd\n" * 20_000) == "motd"
