"""What all tests share: the database of the run, and which tests can run on this machine."""

import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from slipway.records.rollouts.histories import time_left
from tests.browser.chromium import why_no_browser
from tests.emptying import _empties_in_spite_of_the_rules  # noqa: F401 - a fixture for all
from tests.first_start import migrated_database, migrated_file
from tests.kept_texts import KeptTexts
from tests.lab.laboratory import why_not_here
from tests.postgresql import PostgresqlCluster, PostgresqlMissing, postgresql_cluster
from tests.standing import world  # noqa: F401 - a fixture for all that say what stands

ROOT = Path(__file__).parent.parent
# What an example may take says how busy the machine is; how long a test may take, CI says.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")
# marker: why it cannot run here, what turns the skip into a failure
NEEDS = {
    "lab": (functools.cache(why_not_here), "SLIPWAY_REQUIRE_LAB"),
    "browser": (functools.cache(why_no_browser), "SLIPWAY_REQUIRE_BROWSER"),
}
ON_POSTGRESQL = (*NEEDS, "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in a folder named like a marker carries it."""
    for item in items:
        for marker in NEEDS:
            if item.path.is_relative_to(ROOT / "tests" / marker):
                item.add_marker(marker)
        if item.get_closest_marker("once") and any(map(item.get_closest_marker, ON_POSTGRESQL)):
            told = "CI tries it on PostgreSQL alone, and what is `once` on SQLite alone"
            raise pytest.UsageError(f"{item.nodeid}: {told}: it would be tried nowhere.")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here and say why; fail instead where CI insists on it."""
    for marker, (why_not, required) in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := why_not()):
            if os.environ.get(required) == "1":
                pytest.fail(f"{reason} ({required}=1)", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_use_migrations: bool,
    is_postgresql: bool,
) -> None:
    """Begin with the tables of a first start, unless they are to be made without migrations.

    On SQLite test on a file, as in life: in memory there is no WAL and no second writer.
    """
    settings = connections["default"].settings_dict
    if is_postgresql:
        if django_db_use_migrations:
            settings["TEST"]["TEMPLATE"] = migrated_database(os.environ["SLIPWAY_DATABASE_URL"])
        return
    settings["TEST"]["NAME"] = Path(os.environ["SLIPWAY_DATA"]) / "tests.sqlite3"
    if django_db_use_migrations:
        shutil.copyfile(migrated_file(), settings["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_keepdb(is_postgresql: bool) -> bool:
    """A file that was put there is not made anew; it goes with the folder of this process."""
    return not is_postgresql


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, is_postgresql: bool
) -> Iterator[None]:
    """On PostgreSQL end the sessions that threads left behind: the database goes now.

    Closing the pool, as Django does, leaves alone what a thread that still lives has taken from it.
    """
    yield
    if is_postgresql:
        with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def is_postgresql() -> bool:
    """Whether this run is on PostgreSQL; SQLite otherwise."""
    return bool(os.environ.get("SLIPWAY_DATABASE_URL"))


@pytest.fixture(scope="session")
def kept_texts() -> KeptTexts:
    """Hears what is written into rows, by every connection of this process."""
    heard = KeptTexts()
    heard.listen()
    return heard


@pytest.fixture(autouse=True)
def _no_sentence_is_kept_without_its_code(kept_texts: KeptTexts) -> Iterator[None]:
    yield
    assert kept_texts.taken() == []


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_the_rows_before() -> None:
    """Rows of the next test have the numbers of those that are gone."""
    time_left._KEPT.clear()
    time_left._TOLD.clear()


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresqlCluster]:
    """A PostgreSQL for this module alone, which may kill it; skipped where none is installed."""
    try:
        with postgresql_cluster() as own:
            yield own
    except PostgresqlMissing as error:
        pytest.skip(str(error))
