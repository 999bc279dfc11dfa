"""What stands when the tests of a module begin: it is made once, and each test finds it as new.

Its rows lie in a transaction around the module, in which that of a test is a savepoint; in memory
each test has a copy of its own. So that the order of the tests does not matter, all of the module
that touch the database ask for it, and none commits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, TypeVar

import pytest
from django.db import connections
from django.test import TestCase
from pytest_django import DjangoDbBlocker

Made = TypeVar("Made")
COMMITS = {"transactional_db", "live_server", "django_db_reset_sequences"}


def made_once(make: Callable[[], Made]) -> Callable[..., Iterator[Made]]:
    """Turn into the fixture `standing` of its module; the tests take `world`, a copy of it."""

    @pytest.fixture(scope="module")
    def standing(
        request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
    ) -> Iterator[Made]:
        others = _others(request, "standing")
        assert not others, f"They commit, or do not ask for `world`: {', '.join(others)}."
        with around_its_tests(django_db_blocker, make) as made:
            yield made

    return standing


@pytest.fixture
def world(db: None, standing: Any) -> Any:
    """What stands, as the module made it; its rows are there, and so are those of the test."""
    return deepcopy(standing)


def is_for_all(request: pytest.FixtureRequest, name: str) -> bool:
    """Whether all tests of a module ask for a fixture, so that it may stand."""
    return not _others(request, name)


@contextmanager
def around_its_tests(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """Keep the rows that `make` writes until the module is over."""
    with blocker.unblock():
        transactions = TestCase._enter_atomics()  # type: ignore[attr-defined]
    try:
        with pytest.MonkeyPatch.context() as patch:
            # Some answers close it when they are through: the rows would be gone with it.
            patch.setattr(connections["default"], "close", lambda: None)
            with blocker.unblock():
                made = make()
            yield made
    finally:
        with blocker.unblock():
            TestCase._rollback_atomics(transactions)  # type: ignore[attr-defined]


def _others(request: pytest.FixtureRequest, name: str) -> list[str]:
    """The tests of this module that would be in its way."""
    of_module = [item for item in request.session.items if item.path == request.path]
    return [item.name for item in of_module if _is_in_the_way(item, name)]


def _is_in_the_way(item: pytest.Item, name: str) -> bool:
    asked: set[str] = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    if marker is None and not asked & {"db", *COMMITS}:
        return False
    return name not in asked or bool(asked & COMMITS) or bool(marker and marker.kwargs)
