"""What load balancers, Prometheus and people at night ask."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from slipway.interfaces import doors
from slipway.interfaces.doctor.findings import findings
from slipway.ports import Packages, StoreFull
from slipway.records.workers.operations import register_worker
from tests.fakes.packages import MemoryPackages
from tests.interfaces.people import Person


@contextmanager
def database_away() -> Iterator[None]:
    """Every query fails, as with a server that was stopped."""

    def refuse(*_: object) -> object:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.django_db
def test_healthz_answers_strangers_and_says_no_more_than_that() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert Client().post("/healthz").status_code == 405


@pytest.mark.django_db
def test_healthz_is_503_when_the_database_is_away() -> None:
    with database_away():
        assert Client().get("/healthz").status_code == 503


def test_the_api_says_that_the_database_is_away_and_that_rollouts_go_on(root: Person) -> None:
    with database_away():
        answer = root.get("/services")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")


def test_metrics_are_for_those_who_are_in(root: Person) -> None:
    assert Client().get("/metrics").status_code == 401
    answer = Client().get("/metrics", headers=root.headers)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert b"slipway_workers_alive 0.0" in answer.content


def found(code: str) -> tuple[bool, str]:
    finding = next(each for each in findings(timezone.now()) if each.code == code)
    return finding.ok, finding.said.english_hint


def test_a_worker_that_beats_is_found(company: None) -> None:
    assert not found("workers")[0]
    register_worker(worker_id="here:1:x", now=timezone.now())
    assert found("workers")[0]


def test_a_store_without_room_is_found(company: None, packages: MemoryPackages) -> None:
    assert found("store")[0]
    packages.room = 1000
    assert found("store")[0] is False
    assert "Make room" in found("store")[1]


def test_a_check_that_breaks_is_a_finding_and_hides_no_other(
    company: None, packages: MemoryPackages
) -> None:
    class Broken(MemoryPackages):
        def free_bytes(self) -> int:
            raise StoreFull("The folder of the store is gone.")

    broken: Packages = Broken(packages._folder)
    doors.open(packages=broken)
    looked_at = {each.code: each for each in findings(timezone.now())}
    assert "gone" in looked_at["store"].said.english
    assert looked_at["database"].ok
    assert len(looked_at) == 19


def test_without_a_database_everything_that_needs_it_is_named(db: None) -> None:
    with database_away():
        wrong = {each.code for each in findings(timezone.now()) if not each.ok}
    assert {"database", "workers", "hosts", "rollouts", "locks", "claims"} <= wrong
    with pytest.raises(DatabaseError), database_away():
        connection.cursor().execute("SELECT 1")
