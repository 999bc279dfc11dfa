"""Which tests begin first, and which of them have the machine to themselves.

Those that measure how long something takes are the first, one after the other; in a run over
several processes whatever else was to begin waits for the last of them. Then come those that mostly
wait, so that none is left alone at the end of a run while the other processes have nothing to do.
The lab's wait for the browser's: a browser drops its requests when a network of the machine comes
or goes, as those of the lab's hosts do. Loaded as a pytest plugin (pyproject.toml).
"""

import fcntl
import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

LONGEST = 600.0  # seconds; a process that died in a test keeps nobody for ever
BETWEEN_LOOKS = 0.05  # seconds
FIRST = ("alone", "browser", "acceptance", "lab", "long")


def is_marked(item: pytest.Item, name: str) -> bool:
    return item.get_closest_marker(name) is not None


def turn(item: pytest.Item) -> int:
    """Return when it begins, among all."""
    return next((n for n, name in enumerate(FIRST) if is_marked(item, name)), len(FIRST))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Django's plugin has put those without a database of ours last: the ones that wait longest.
    items.sort(key=turn)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Turns(session.items), "slipway-turns")


class Turns:
    """The order among the processes of one run: a file in a folder of theirs for each test that
    others wait for, and a lock that whoever has the machine to itself holds."""

    def __init__(self, items: list[pytest.Item]) -> None:
        self._shared = Path(os.environ["SLIPWAY_TEST_FIRST_START"])
        self._left = {
            name: sum(is_marked(item, name) for item in items) for name in ("alone", "browser")
        }
        for name in self._left:
            (self._shared / name).mkdir(exist_ok=True)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if is_marked(item, "alone"):
            with (self._shared / "alone.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                return (yield from self._told(item, "alone"))
        self._await("alone")
        if is_marked(item, "lab"):
            self._await("browser")
        if is_marked(item, "browser"):
            return (yield from self._told(item, "browser"))
        return (yield)

    def _told(self, item: pytest.Item, name: str) -> Iterator[None]:
        try:
            return (yield)
        finally:
            (self._shared / name / sha256(item.nodeid.encode()).hexdigest()).touch()

    def _await(self, name: str) -> None:
        until = time.monotonic() + LONGEST
        while self._left[name] and time.monotonic() < until:
            if len(list((self._shared / name).iterdir())) >= self._left[name]:
                break
            time.sleep(BETWEEN_LOOKS)
        self._left[name] = 0
