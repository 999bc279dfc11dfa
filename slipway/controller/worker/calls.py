"""Calls that block on somebody else's server, each in a thread that nobody waits for at the end."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


class Calls:
    """At most `at_once` calls at the same time. A worker that leaves does not wait for them: a
    server that answers one byte a second must not keep it."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)

    async def run(self, call: Callable[[], Result]) -> Result:
        """Raises what `call` raises."""
        async with self._places:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[Result] = loop.create_future()

            def tell(act: Callable[[], None]) -> None:
                if not answer.done():
                    act()

            def work() -> None:
                try:
                    result = call()
                except BaseException as error:  # carried over to whoever waits
                    problem = error
                    _tell_loop(loop, lambda: tell(lambda: answer.set_exception(problem)))
                else:
                    _tell_loop(loop, lambda: tell(lambda: answer.set_result(result)))

            threading.Thread(target=work, name="build-server-call", daemon=True).start()
            return await answer


def _tell_loop(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed: the worker has left
        loop.call_soon_threadsafe(act)
