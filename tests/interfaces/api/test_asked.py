"""Lists and plans of the API are asked in words, and refuse by the word what they cannot mean."""

from urllib.parse import urlencode

import pytest

from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host
from tests.interfaces.people import Person

WISH = {"kind": "deploy", "service": "billing", "environment": "prod", "port": 8090}


@pytest.fixture
def labelled(company: None) -> None:
    Service.objects.filter(name="billing").update(labels={"team": "data"})
    Host.objects.filter(name="web-1").update(labels={"row": "a"})


def asked(path: str, where: str) -> str:
    return f"{path}?{urlencode({'where': where})}"


def names(who: Person, path: str, where: str) -> set[str]:
    found = who.get(asked(path, where)).json()
    assert found["total"] == len(found["items"])
    return {item["name"] for item in found["items"]}


def test_lists_are_asked_in_words(labelled: None, bob: Person) -> None:
    assert names(bob, "/services", "team:data") == {"billing"}
    assert "billing" not in names(bob, "/services", "-team:data")
    assert names(bob, "/hosts", "row:a 1") == {"web-1"}
    assert names(bob, "/services/billing/versions", "state:building") == set()
    assert bob.get(asked("/rollouts", "team:data state:failed 2h..")).json()["items"] == []


@pytest.mark.parametrize("path", ["/services", "/hosts", "/rollouts", "/services/billing/versions"])
def test_what_cannot_be_meant_is_refused_by_its_word(
    labelled: None, bob: Person, path: str
) -> None:
    answer = bob.get(asked(path, "state:faild"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["message"] == "“state:faild”: there is no faild here."
    assert answer.json()["hint"].startswith("Allowed: ")


def test_a_plan_is_made_for_what_was_found_and_refuses_by_the_word(
    labelled: None, bob: Person
) -> None:
    nobody = bob.post("/plans", {**WISH, "where": "row:b"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "unknown_host")
    assert nobody.json()["message"] == "No host in prod is so: label:row=b"
    faulty = bob.post("/plans", {**WISH, "where": "state:faild"})
    assert faulty.status_code == 422
