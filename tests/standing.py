"""What stands when the tests of a module begin: it is made once, and each test finds it as new.

Its rows lie in a transaction around the module, in which that of a test is a savepoint; in memory
each test has a copy of its own. So that the order of the tests does not matter, all of the module
that touch the database ask for it, and none commits.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeVar

import pytest
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
        for item in request.session.items:
            if item.path == request.path:
                _check(item)
        with django_db_blocker.unblock():
            transactions = TestCase._enter_atomics()  # type: ignore[attr-defined]
        try:
            with django_db_blocker.unblock():
                made = make()
            yield made
        finally:
            with django_db_blocker.unblock():
                TestCase._rollback_atomics(transactions)  # type: ignore[attr-defined]

    return standing


def _check(item: pytest.Item) -> None:
    asked: set[str] = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    if marker is None and not asked & {"db", *COMMITS}:
        return
    if "standing" not in asked:
        pytest.fail(f"{item.name} would find what stands, or not: let it ask for `world`.")
    if asked & COMMITS or (marker and marker.kwargs):
        pytest.fail(f"{item.name} commits: it is of another module.")


@pytest.fixture
def world(db: None, standing: Any) -> Any:
    """What stands, as the module made it; its rows are there, and so are those of the test."""
    return deepcopy(standing)
