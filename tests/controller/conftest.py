"""The controller works in threads of its own, so its tests commit."""

from collections.abc import Iterator

import pytest

from tests.controller.company import Company, quick


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    """Four hosts that run 1.0."""
    with quick():
        own = Company()
        assert own.run_all("deploy", own.old).state == "succeeded"
        yield own
