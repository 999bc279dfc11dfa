"""The controller works in threads of its own, so its tests commit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.controller.company import Company, quick
from tests.controller.works import Works


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    """Four hosts that run 1.0."""
    with quick():
        own = Company()
        assert own.run_all("deploy", own.old).state == "succeeded"
        yield own


@pytest.fixture
def works(transactional_db: None, tmp_path: Path) -> Works:
    """Billing is built by a GitLab; builds of main and release/* that others start count."""
    return Works(tmp_path, timeout="1h", refs=["main", "release/*"])


@pytest.fixture
def many(transactional_db: None) -> Iterator[Callable[..., Company]]:
    """Makes a company of so many hosts that run 1.0."""
    with quick():

        def make(hosts: int, **policy: object) -> Company:
            own = Company(hosts, **policy)
            assert own.run_all("deploy", own.old).state == "succeeded"
            return own

        yield make
