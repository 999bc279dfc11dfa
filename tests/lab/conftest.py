"""One lab for all tests of this folder; each module makes the machines it needs."""

from collections.abc import Iterator

import pytest

from tests.lab.laboratory import Lab, laboratory


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with laboratory() as made:
        yield made
