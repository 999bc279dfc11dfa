"""Somebody whose terminal is Chinese."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from slipway_cli.language import settle


@contextmanager
def reading_chinese(wish: str = "zh_CN.UTF-8") -> Iterator[None]:
    """What the command line says meanwhile, it says in Chinese."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIPWAY_LANG", wish)
        settle()
        yield
    settle()
