"""Which tests begin first, and which of them have the machine to themselves.

Those that measure how long something takes are the first, one after the other; in a run over
several processes whatever else was to begin waits for the last of them. Then come those that mostly
wait, so that none is left alone at the end of a run while the other processes have nothing to do.
Loaded as a pytest plugin (pyproject.toml).
"""

import fcntl
import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

LONGEST = 300.0  # seconds; a process that died in such a test keeps nobody for ever
BETWEEN_LOOKS = 0.05  # seconds


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def turn(item: pytest.Item) -> int:
    """Return when it begins, among all."""
    if is_alone(item):
        return 0
    if any(item.get_closest_marker(name) for name in ("acceptance", "lab", "browser")):
        return 1
    return 2 if item.get_closest_marker("long") else 3


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Django's plugin has put those without a database of ours last: the ones that wait longest.
    items.sort(key=turn)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        waited_for = sum(map(is_alone, session.items))
        session.config.pluginmanager.register(Turns(waited_for), "slipway-turns")


class Turns:
    """The order among the processes of one run: a file in a folder of theirs for each test that had
    the machine to itself, and a lock that such a test holds."""

    def __init__(self, waited_for: int) -> None:
        self._waited_for = waited_for
        self._folder = Path(os.environ["SLIPWAY_TEST_FIRST_START"]) / "alone"
        self._folder.mkdir(exist_ok=True)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not is_alone(item):
            self._wait()
            return (yield)
        with (self._folder.parent / "alone.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return (yield)
            finally:
                (self._folder / sha256(item.nodeid.encode()).hexdigest()).touch()

    def _wait(self) -> None:
        until = time.monotonic() + LONGEST
        while self._waited_for and time.monotonic() < until:
            if len(list(self._folder.iterdir())) >= self._waited_for:
                self._waited_for = 0
            else:
                time.sleep(BETWEEN_LOOKS)
        self._waited_for = 0
