"""One instance has a page: what is said of it is changed there, and it is locked and released."""

import pytest
from django.test import Client

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Instance
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import page


def instance(host: str = "web-1") -> Instance:
    return Instance.objects.select_related("locked_by").get(host__name=host)


def address() -> str:
    return f"/instances/{instance().pk}"


def test_what_is_typed_anew_is_changed_and_told(living: None, alice: Person, visit: Visit) -> None:
    form = {"weight": "50", "tag": "canary", "is_maintain": "1", "description": "one\r\ntwo"}
    answer = visit(alice).post(address(), form)
    assert (answer.status_code, answer.headers["Location"]) == (302, address())
    changed = instance()
    assert (changed.weight, changed.tag, changed.is_maintain) == (50, "canary", True)
    assert changed.description == "one\ntwo"
    event = Event.objects.get(verb="instance.changed")
    assert (event.by_name, (event.before or {})["weight"]) == ("alice", 100)
    assert 'value="canary"' in page(visit(alice), address())


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("weight", "heavy", "“heavy” is not a weight."),
        ("weight", "1001", "A weight is from 0 to 1000."),
        ("weight", "", "“” is not a weight."),
        ("tag", "x" * 65, "The tag is too long: 65 characters, 64 are allowed."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays_typed(
    living: None, alice: Person, visit: Visit, field: str, text: str, sentence: str
) -> None:
    answer = visit(alice).post(address(), {"description": "typed before", field: text})
    told = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in told
    assert f'aria-describedby="{field}-problem"' in told
    assert "typed before</textarea>" in told
    assert not Event.objects.filter(verb="instance.changed").exists()


def test_the_same_field_changed_by_two_is_said_to_the_second(
    living: None, alice: Person, visit: Visit
) -> None:
    Instance.objects.update(weight=7)
    answer = visit(alice).post(address(), {"weight": "9", "was_weight": "100"})
    assert (answer.status_code, instance().weight) == (409, 7)
    assert "Somebody else has changed it meanwhile: it is 7." in answer.content.decode()


def test_who_locks_it_says_why_and_may_release_it(
    living: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    refused = browser.post(f"{address()}/lock", {"reason": " "}, follow=True).content.decode()
    assert "A lock needs a reason." in refused
    assert f'action="{address()}/lock"' in refused
    browser.post(f"{address()}/lock", {"reason": "its disk is dying"})
    told = page(browser, address())
    assert "Locked by alice" in told
    assert "its disk is dying" in told
    assert f'action="{address()}/lock"' not in told
    browser.post(f"{address()}/unlock")
    assert instance().locked_at is None
    assert [event.verb for event in Event.objects.filter(thing_kind="instance").order_by("pk")] == [
        "instance.locked",
        "instance.unlocked",
    ]


def test_anothers_lock_is_broken_with_a_reason_by_who_may(
    living: None, alice: Person, bob: Person, visit: Visit
) -> None:
    visit(alice).post(f"{address()}/lock", {"reason": "mine"})
    penny = visit(person("penny", ("deployer", "billing", "prod")))
    assert f'action="{address()}/unlock"' not in page(penny, address())
    assert "Ask somebody who may do that: " in page(penny, address())
    breaker = visit(bob)
    told = breaker.post(f"{address()}/unlock", {"reason": ""}, follow=True).content.decode()
    assert "Breaking the lock of somebody else needs a reason." in told
    assert 'placeholder="Why break it?"' in told
    breaker.post(f"{address()}/unlock", {"reason": "Alice is on holiday"})
    assert instance().locked_at is None
    assert Event.objects.get(verb="instance.unlocked").reason == "Alice is on holiday"


def test_who_may_only_look_sees_no_button_and_whom_to_ask(
    living: None, dora: Person, visit: Visit
) -> None:
    browser: Client = visit(dora)
    told = page(browser, address())
    assert '<fieldset class="plain stack roomy" disabled>' in told
    assert "You may look at this, and not change it." in told
    assert f'action="{address()}/lock"' not in told
    assert browser.post(address(), {"weight": "1"}).status_code == 403
    browser.post(f"{address()}/lock", {"reason": "no right"})
    assert (instance().weight, instance().locked_at) == (100, None)


def test_who_may_not_see_it_is_told_that_there_is_none(living: None, visit: Visit) -> None:
    browser = visit(person("sid", ("admin", "shop", "")))
    assert browser.get(address()).status_code == 404
    assert browser.post(address(), {"weight": "1"}).status_code == 404
    assert browser.post(f"{address()}/lock", {"reason": "x"}).status_code == 404


def test_it_is_reached_from_its_service_and_its_host(
    living: None, alice: Person, visit: Visit
) -> None:
    for place in ("/services/billing", "/hosts/web-1"):
        assert f'href="{address()}"' in page(visit(alice), place)
