"""The same webhook several times in the same instant, as a build server that is impatient sends."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from slipway.interfaces import doors
from slipway.records.catalog.models import Build, Delivery
from tests.fakes.packages import MemoryPackages
from tests.interfaces.conftest import make_company
from tests.interfaces.hooks.conftest import built_by, make_servers
from tests.interfaces.hooks.senders import SECRET, gitlab, notice, pipeline, push, send, signed

AT_ONCE, ROUNDS = 6, 5

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def servers(transactional_db: None, packages: MemoryPackages) -> None:
    """The company again, in rows that every thread can see."""
    doors.open(packages=packages)
    make_company()
    make_servers()


def together(where: str, body: bytes, headers: list[dict[str, str]]) -> Counter[int]:
    barrier = Barrier(len(headers))

    def one(own: dict[str, str]) -> int:
        try:
            barrier.wait(timeout=60)
            return int(send(where, body, own).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(headers)) as pool:
        return Counter(pool.map(one, headers))


def test_a_push_that_is_told_in_one_instant_is_built_once() -> None:
    built_by("command", "https://git.example/billing.git")
    for number in range(ROUNDS):
        body = push(after=f"{number + 1:040x}", url="https://git.example/billing")
        headers = gitlab(SECRET, "Push Hook", key=f"k{number}")
        assert together("gitlab", body, [headers] * AT_ONCE) == {202: AT_ONCE}
    assert (Delivery.objects.count(), Build.objects.count()) == (ROUNDS, ROUNDS)


def test_copies_under_other_keys_are_known_even_in_one_instant() -> None:
    built_by("command", "/srv/app.git")
    for number in range(ROUNDS):
        body = notice(ref="main", commit=f"{number + 1:040x}")
        overheard = signed(body)
        headers = [{**overheard, "Idempotency-Key": str(key)} for key in range(AT_ONCE)]
        assert together("generic", body, headers) == {202: AT_ONCE}
    assert (Delivery.objects.count(), Build.objects.count()) == (ROUNDS, ROUNDS)


def test_a_pipeline_that_is_told_in_one_instant_is_one_delivery() -> None:
    built_by("gitlab", "15")
    for number in range(1, ROUNDS + 1):
        headers = gitlab(SECRET, key=f"k{number}")
        assert together("gitlab", pipeline(number), [headers] * AT_ONCE) == {202: AT_ONCE}
    assert Delivery.objects.count() == ROUNDS
