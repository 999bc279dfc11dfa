"""Who tries what they may not do leaves a trace, by every door, and not one for each try."""

import pytest

from slipway.core.words.roles import Action
from slipway.records.audit import operations
from slipway.records.audit.models import Event
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit

LOCK = {"service": "billing", "environment": "prod", "reason": "mine"}


def refused_to(person: Person) -> list[tuple[str, str, str]]:
    events = Event.objects.filter(verb="attempt.refused", by=person.user).order_by("id")
    return [(each.thing_name, each.service, each.environment) for each in events]


def test_the_api_tells_it_once_in_a_while(dora: Person) -> None:
    for _ in range(3):
        assert dora.post("/locks", LOCK).status_code == 403
    assert refused_to(dora) == [(Action.LOCK.value, "billing", "prod")]
    (event,) = Event.objects.filter(verb="attempt.refused")
    assert (event.source, bool(event.token)) == ("127.0.0.1", True)


def test_who_makes_up_names_without_end_fills_no_table(
    dora: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_REFUSED", 5)
    for number in range(20):
        assert dora.post("/services", {"name": f"made-up-{number}"}).status_code == 403
    right = Action.MANAGE_SERVICE.value
    named = [(right, f"made-up-{number}", "") for number in range(5)]
    assert refused_to(dora) == [*named, (right, "", "")]
    assert dora.post("/locks", LOCK).status_code == 403
    assert refused_to(dora)[-1] == (Action.LOCK.value, "", "")


def test_a_button_tells_it_too(dora: Person, visit: Visit) -> None:
    visit(dora).post("/services/billing/lock", LOCK)
    assert refused_to(dora) == [(Action.LOCK.value, "billing", "prod")]


def test_a_look_that_is_refused_leaves_one_too_and_no_other(dora: Person, visit: Visit) -> None:
    assert visit(dora).get("/services").status_code == 200
    assert refused_to(dora) == []
    for _ in range(3):
        assert dora.get("/doctor").status_code == 403
    assert len(refused_to(dora)) == 1


def test_what_may_be_done_leaves_none(bob: Person) -> None:
    assert bob.post("/locks", LOCK).status_code == 201
    assert refused_to(bob) == []
