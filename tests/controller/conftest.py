"""The controller works in threads of its own, so its tests commit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.controller.company import Company
from tests.controller.works import Works


@pytest.fixture
def company(transactional_db: None) -> Company:
    """Four hosts that run 1.0."""
    own = Company()
    assert own.run_all("deploy", own.old).state == "succeeded"
    return own


@pytest.fixture
def works(transactional_db: None, tmp_path: Path) -> Works:
    """Billing is built by a GitLab; builds of main and release/* that others start count."""
    return Works(tmp_path, timeout="1h", refs=["main", "release/*"])


@pytest.fixture
def many(transactional_db: None) -> Callable[..., Company]:
    """Makes a company of so many hosts that run 1.0."""

    def make(hosts: int, **policy: object) -> Company:
        own = Company(hosts, **policy)
        assert own.run_all("deploy", own.old).state == "succeeded"
        return own

    return make
