"""Real processes and real SSH for the acceptance tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.town import Town
from tests.postgresql import postgresql_cluster


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, is_postgresql: bool) -> Iterator[Town]:
    """Five hosts, a web process and a worker, on the database of this run."""
    folder: Path = tmp_path_factory.mktemp("town")
    if is_postgresql:
        with postgresql_cluster() as cluster:
            yield from _opened(Town(folder, cluster, hosts=5))
    else:
        yield from _opened(Town(folder, None, hosts=5))


def _opened(town: Town) -> Iterator[Town]:
    try:
        town.open()
        yield town
    finally:
        town.close()
