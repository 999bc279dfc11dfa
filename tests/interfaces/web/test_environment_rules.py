"""The page of an environment: whether it is guarded, and as whom services may run there."""

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Environment
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit

ACTION = 'action="/environments/prod/named-users"'


def is_asked() -> bool:
    return Environment.objects.get(name="prod").named_user_needed


def test_its_admin_asks_for_named_users_and_no_more(root: Person, visit: Visit) -> None:
    browser = visit(root)
    assert ACTION in browser.get("/environments/prod").content.decode()
    for on in (True, False):
        browser.post("/environments/prod/named-users", {"on": "1" if on else "0"})
        assert is_asked() is on
    events = Event.objects.filter(verb="environment.changed").order_by("pk")
    assert [event.after for event in events] == [
        {"named_user_needed": True},
        {"named_user_needed": False},
    ]


def test_others_see_it_and_change_nothing(dora: Person, visit: Visit) -> None:
    Environment.objects.filter(name="prod").update(named_user_needed=True)
    text = visit(dora).get("/environments/prod").content.decode()
    assert "Services run as a user who is named, and is not root" in text
    assert "Guarded: what starts or widens work is confirmed by name" in text
    assert ACTION not in text
    visit(dora).post("/environments/prod/named-users", {"on": "0"})
    assert is_asked()


def test_the_api_takes_it_with_the_other_rules(root: Person) -> None:
    assert root.get("/environments/prod").json()["named_user_needed"] is False
    changed = root.patch("/environments/prod", {"named_user_needed": True})
    assert changed.json()["named_user_needed"] is True
    assert root.patch("/environments/prod", {"named_user_needed": "maybe"}).status_code == 422
