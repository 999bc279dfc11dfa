"""Environments are listed, made and changed by page: field by field, with rights and told."""

import pytest
from django.test import Client

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Environment
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit

NEW, CHANGE = "/environments/-/new", "/environments/prod/change"
RULES = {
    "order": "20",
    "batches": "1 50%",
    "max_unavailable": "50%",
    "failure_budget": "0%",
    "left_out_budget": "0%",
    "canary_budget": "1",
    "bake_time": "5m",
    "progress_deadline": "1m30s",
    "watch_time": "0",
    "patience": "20m",
    "promotion_needed": "1",
    "automatic_rollback": "0",
    "named_user_needed": "1",
}


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def test_an_environment_is_made_with_all_its_rules(browser: Client) -> None:
    answer = browser.post(NEW, {"name": "stage", **RULES})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/environments/stage")
    made = Environment.objects.get(name="stage")
    assert (made.order, made.batches, made.canary_budget) == (20, "1 50%", 1)
    assert (made.bake_time.seconds, made.progress_deadline.seconds) == (300, 90)
    assert (made.promotion_needed, made.automatic_rollback, made.named_user_needed) == (
        True,
        False,
        True,
    )
    assert Event.objects.filter(verb="environment.created", thing_name="stage").count() == 1


def test_it_leads_on_to_its_hosts_or_to_a_key_where_there_is_none(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.post(NEW, {"name": "second", **RULES}, follow=True).content.decode()
    assert 'href="/hosts/-/new?environment=second">Next: its hosts.</a>' in page
    monkeypatch.setattr("slipway.interfaces.web.fleet.environment_form.list_keys", list)
    page = browser.post(NEW, {"name": "third", **RULES}, follow=True).content.decode()
    assert 'href="/keys">Next: an SSH key that opens its hosts.</a>' in page


def test_a_name_is_enough_and_the_rest_is_as_by_the_api(browser: Client, root: Person) -> None:
    browser.post(NEW, {"name": "byhand"})
    root.post("/environments", {"name": "byapi"})
    by_hand, by_api = (root.get(f"/environments/{name}").json() for name in ("byhand", "byapi"))
    assert {**by_hand, "name": ""} == {**by_api, "name": ""}


@pytest.mark.parametrize(
    ("field", "text", "status"),
    [
        ("name", "No Good", 422),
        ("name", "prod", 409),
        ("order", "banana", 422),
        ("order", "99999999999", 422),
        ("batches", "banana", 422),
        ("failure_budget", "many", 422),
        ("bake_time", "5", 422),
        ("bake_time", "30d", 422),
        ("progress_deadline", "1s", 422),
        ("patience", "", 422),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_else_is_kept(
    browser: Client, field: str, text: str, status: int
) -> None:
    answer = browser.post(NEW, {"name": "stage", **RULES, field: text})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'aria-describedby="{field}-problem"' in page
    assert page.count('class="problem"') == 1
    assert page.count('value="1 50%"') == (field != "batches")
    assert not Environment.objects.filter(name="stage").exists()


def test_only_what_was_typed_anew_is_changed(browser: Client) -> None:
    Environment.objects.filter(name="prod").update(batches="1", order=40)
    opened = {"was_batches": "1 25%", "batches": "1 25%", "was_bake_time": "0s", "bake_time": "1m"}
    answer = browser.post(CHANGE, opened)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/environments/prod")
    changed = Environment.objects.get(name="prod")
    assert (changed.batches, changed.order, changed.bake_time.seconds) == ("1", 40, 60)
    event = Event.objects.get(verb="environment.changed")
    assert event.after == {"bake_time": 60.0}


def test_two_who_change_the_same_rule_hear_of_each_other(browser: Client) -> None:
    Environment.objects.filter(name="prod").update(batches="1")
    answer = browser.post(CHANGE, {"was_batches": "1 25%", "batches": "2"})
    assert answer.status_code == 409
    assert "Somebody else has changed it meanwhile: it is 1." in answer.content.decode()


def test_who_may_not_sees_why_and_changes_nothing(dora: Person, visit: Visit) -> None:
    browser = visit(dora)
    assert NEW not in browser.get("/environments").content.decode()
    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, {"name": "stage"}).status_code == 403
    page = browser.get(CHANGE).content.decode()
    assert "that takes the role of an admin of prod" in page
    assert browser.post(CHANGE, {"batches": "7"}).status_code == 403
    assert not Event.objects.filter(verb="environment.changed").exists()


def test_the_list_has_what_one_may_see_in_their_order(browser: Client, visit: Visit) -> None:
    page = browser.get("/environments").content.decode()
    assert page.index("/environments/dev") < page.index("/environments/prod")
    one = visit(person("only-dev", ("viewer", "", "dev"))).get("/environments").content.decode()
    assert "/environments/dev" in one
    assert "/environments/prod" not in one


def test_an_empty_list_says_what_comes_first(db: None, visit: Visit) -> None:
    page = visit(person("first", is_superuser=True)).get("/environments").content.decode()
    assert "No environments yet" in page
    assert NEW in page


def test_the_page_of_an_environment_shows_its_rules(dora: Person, visit: Visit) -> None:
    Environment.objects.filter(name="prod").update(batches="3 7", automatic_rollback=False)
    page = visit(dora).get("/environments/prod").content.decode()
    assert "3 7" in page
    assert CHANGE not in page
