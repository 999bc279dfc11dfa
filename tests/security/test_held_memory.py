"""What strangers leave behind goes back, also what grew old before it was nobody's."""

import gc
import weakref

import pytest

from slipway.project.limits import memory

pytestmark = pytest.mark.once


class Request:
    """Knows its connection, which knows it."""

    def __init__(self) -> None:
        self.connection = self
        self.body = bytes(100_000)


def test_a_refused_body_that_waited_is_given_back() -> None:
    refused = Request()
    seen = weakref.ref(refused)
    for _ in range(3):  # while it waits to be told, others come
        gc.collect()
    del refused
    memory.came(memory.BYTES_BETWEEN_LOOKS)
    assert seen() is None
