"""Freeze windows one by one: of two people who change them at once nobody undoes the other's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.fleet.operations.windows import add_window, windows_of
from slipway.records.fleet.queries import get_environment
from tests.interfaces.people import Person, person

AT = "/environments/prod/windows"
NEW_YEAR = {"from": "2099-01-01T00:00:00+00:00", "until": "2099-01-02T00:00:00+00:00"}
EASTER = {"from": "2098-04-01T00:00:00Z", "until": "2098-04-05T00:00:00Z", "reason": "eggs"}


@pytest.fixture
def wanda(company: None) -> Person:
    return person("wanda", ("admin", "", "prod"))


def add(who: Person, window: dict[str, str]) -> dict[str, Any]:
    answer = who.post(AT, window)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def windows(who: Person) -> list[str]:
    return [each["id"] for each in who.get(AT).json()["items"]]


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="environment.window").order_by("pk")
    return list(found.values_list("verb", flat=True))


def test_two_people_add_and_take_away_their_own(wanda: Person, root: Person) -> None:
    hers, his = add(wanda, NEW_YEAR), add(root, EASTER)
    assert windows(wanda) == [his["id"], hers["id"]]
    assert wanda.delete(f"{AT}/{his['id']}").status_code == 200
    assert windows(root) == [hers["id"]]
    assert root.get("/environments/prod").json()["freeze_windows"] == [hers]
    assert verbs() == ["environment.window_added"] * 2 + ["environment.window_removed"]
    assert [e.by_name for e in Event.objects.filter(verb="environment.window_removed")] == ["wanda"]


def test_the_same_window_twice_is_one(wanda: Person, root: Person) -> None:
    assert add(wanda, NEW_YEAR)["id"] == add(root, {**NEW_YEAR, "reason": ""})["id"]
    assert (len(windows(wanda)), verbs()) == (1, ["environment.window_added"])


def test_one_that_is_gone_is_not_found(wanda: Person) -> None:
    gone = add(wanda, NEW_YEAR)["id"]
    assert wanda.delete(f"{AT}/{gone}").status_code == 200
    refused = wanda.delete(f"{AT}/{gone}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert refused.json()["values"] == {"environment": "prod", "window": gone}


@pytest.mark.parametrize(
    "bad",
    [
        {"from": "soon"},
        {"until": "2099-01-02T00:00:00"},
        {"until": NEW_YEAR["from"]},
        {"reason": "x" * 256},
        {"id": "mine"},
    ],
)
def test_what_is_no_window_is_refused_and_nothing_is_kept(
    wanda: Person, bad: dict[str, str]
) -> None:
    assert wanda.post(AT, {**NEW_YEAR, **bad}).status_code == 422
    assert windows(wanda) == []


def test_there_are_at_most_a_hundred(wanda: Person) -> None:
    many = [{**NEW_YEAR, "reason": str(number)} for number in range(100)]
    assert wanda.patch("/environments/prod", {"freeze_windows": many}).status_code == 200
    assert wanda.post(AT, EASTER).status_code == 422
    assert len(wanda.get(f"{AT}?limit=200").json()["items"]) == 100


def test_a_deployer_reads_them_and_changes_none(wanda: Person) -> None:
    penny = person("penny", ("deployer", "billing", "prod"))
    kept = add(wanda, NEW_YEAR)["id"]
    assert windows(penny) == [kept]
    assert penny.post(AT, EASTER).status_code == 403
    assert penny.delete(f"{AT}/{kept}").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_ten_that_are_added_in_one_instant_none_is_lost(root: Person) -> None:
    barrier = Barrier(10)

    def one(number: int) -> None:
        try:
            environment = get_environment("prod")
            barrier.wait(timeout=60)
            add_window(
                environment=environment,
                begin=NEW_YEAR["from"],
                until=NEW_YEAR["until"],
                reason=f"number {number}",
                by=Actor.system(),
                now=timezone.now(),
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(one, range(10)))
    assert len(windows_of(get_environment("prod"))) == 10
