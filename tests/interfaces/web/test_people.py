"""People are added, let in and turned away, and given roles, by page: by whom the API lets."""

import re
from html import unescape

import pytest
from django.test import Client

from slipway.records.accounts.models import Grant, Token, User
from slipway.records.audit.models import Event
from tests.interfaces.people import PASSWORD, Person, person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat, page

NEW = "/people/-/new"
GRANTS = "/people/-/grants"
MAY = "/people/-/may?action=deploy&service=billing&environment=prod"
ROLE = {"user": "charlie", "role": "deployer", "service": "billing", "environment": "prod"}
LONG = "a long new password"
TWICE = {"password": LONG, "password_again": LONG}


def can_sign_in(name: str, password: str) -> bool:
    return Client().post("/login", {"username": name, "password": password}).status_code == 302


@pytest.fixture
def anna(admin: Person, visit: Visit) -> Client:
    return visit(admin)


def test_somebody_is_added_with_a_password_that_was_typed(anna: Client, admin: Person) -> None:
    answer = anna.post(NEW, {"username": "nina", **TWICE})
    assert (answer.status_code, answer["Location"]) == (302, "/people/nina")
    assert can_sign_in("nina", LONG)
    text = page(anna, "/people/nina")
    assert "nina may sign in now, and has no role yet." in text
    assert LONG not in text
    assert Event.objects.get(verb="user.created", thing_name="nina").by_name == "anna"


def test_a_password_that_nobody_chose_is_shown_once(anna: Client) -> None:
    text = anna.post(NEW, {"username": "nina"}).content.decode()
    found = re.search(r'<code id="secret">([^<]+)</code>', text)
    assert found
    assert can_sign_in("nina", unescape(found[1]))
    assert found[1] not in page(anna, "/people/nina")
    assert found[1] not in str(list(Event.objects.values_list("after", "reason")))


@pytest.mark.parametrize(
    ("typed", "told", "status"),
    [
        ({"username": "", **TWICE}, "cannot be a user name", 422),
        ({"username": "a b", **TWICE}, "cannot be a user name", 422),
        ({"username": "Slipway", **TWICE}, "the name of the system itself", 422),
        ({"username": "anna", **TWICE}, "There is a user anna already.", 409),
        ({"username": "nina", "password": "short", "password_again": "short"}, "too weak", 422),
        ({"username": "nina", "password": LONG}, "The two passwords differ.", 422),
        ({"username": "nina", **TWICE, "is_superuser": "1"}, "anna is not a superuser.", 403),
    ],
)
def test_what_is_wrong_is_said_and_the_name_stands_again(
    anna: Client, typed: dict[str, str], told: str, status: int
) -> None:
    before = User.objects.count()
    answer = anna.post(NEW, typed)
    text = answer.content.decode()
    assert (answer.status_code, User.objects.count()) == (status, before)
    assert told in unescape(text)
    assert f'value="{typed["username"]}"' in text
    assert LONG not in text


def test_signing_in_is_switched_off_and_on(anna: Client, charlie: Person) -> None:
    assert can_sign_in("charlie", PASSWORD)
    anna.post("/people/charlie/signing-in", {"on": "0"})
    assert not can_sign_in("charlie", PASSWORD)
    assert "May not sign in, and do nothing." in page(anna, "/people/charlie")
    assert "of whom 1 may not sign in" in page(anna, "/people")
    anna.post("/people/charlie/signing-in", {"on": "1"})
    assert can_sign_in("charlie", PASSWORD)
    told = Event.objects.filter(verb__in=("user.disabled", "user.enabled")).order_by("id")
    assert [(each.verb, each.by_name) for each in told] == [
        ("user.disabled", "anna"),
        ("user.enabled", "anna"),
    ]


def test_a_superuser_is_changed_by_superusers_alone(
    anna: Client, root: Person, visit: Visit
) -> None:
    text = page(anna, "/people/root-person")
    assert "Only a superuser makes, changes and disables superusers." in text
    assert "signing-in" not in text
    anna.post("/people/root-person/signing-in", {"on": "0"})
    assert anna.post("/people/root-person/password", TWICE).status_code == 403
    assert can_sign_in("root-person", PASSWORD)
    other = person("other-root", is_superuser=True)
    visit(other).post("/people/root-person/signing-in", {"on": "0"})
    assert not can_sign_in("root-person", PASSWORD)


def test_somebody_gets_another_password_and_their_tokens_end(anna: Client, charlie: Person) -> None:
    text = anna.post("/people/charlie/password", TWICE).content.decode()
    assert "charlie has a new password" in text
    assert can_sign_in("charlie", LONG)
    assert not can_sign_in("charlie", PASSWORD)
    assert charlie.get("/me").status_code == 401


def test_the_token_of_somebody_is_seen_and_revoked(anna: Client, charlie: Person) -> None:
    prefix = Token.objects.get(user=charlie.user).prefix
    text = page(anna, "/people/charlie")
    assert f"slw_{prefix}_…" in text
    assert charlie.token.split("_", 2)[2] not in text
    anna.post(f"/people/charlie/tokens/{prefix}/revoke")
    assert charlie.get("/me").status_code == 401
    assert anna.post(f"/people/charlie/tokens/{prefix}/revoke").status_code == 404


def test_who_may_is_said_with_why_and_who_may_not_with_what_helps(
    anna: Client, alice: Person, bob: Person, dora: Person, charlie: Person
) -> None:
    text = laid_flat(page(anna, MAY))
    assert "3 people may do that" in text
    they_may, they_may_not = text.split("They may not")
    for name in ("alice", "anna", "bob"):
        assert f'href="/people/{name}"' in they_may.split("They may</h2>")[1]
    assert "too little there: Viewer of billing in every environment" in they_may_not
    assert "1 other has no role at all." in they_may_not
    anna.post(GRANTS, {**ROLE, "user": "dora", "next": MAY})
    assert "4 people may do that" in page(anna, MAY)
    anna.post(f"{GRANTS}/take", {**ROLE, "user": "dora"})
    assert "3 people may do that" in page(anna, MAY)
    verbs = Event.objects.filter(verb__startswith="grant.", by_name="anna").order_by("id")
    assert [(each.verb, each.thing_name) for each in verbs] == [
        ("grant.given", "dora"),
        ("grant.taken", "dora"),
    ]


def test_no_role_is_offered_to_who_may_not_sign_in(anna: Client, dora: Person) -> None:
    offer = 'name="user" value="dora"'
    assert offer in page(anna, MAY)
    anna.post("/people/dora/signing-in", {"on": "0"})
    text = laid_flat(page(anna, MAY))
    assert "what was given would not be enough: Viewer of billing in every environment" in text
    assert 'href="/people/dora">Let sign in again…' in text
    assert offer not in text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"user": "nobody"}, "There is no such user."),
        ({"role": "king"}, "There is no such role."),
        ({"service": "bilking"}, "There is no service"),
        ({"environment": "nowhere"}, "There is no"),
    ],
)
def test_a_slip_of_the_hand_gives_nothing_and_stands_again(
    anna: Client, charlie: Person, wrong: dict[str, str], told: str
) -> None:
    before = Grant.objects.count()
    typed = {**ROLE, **wrong}
    text = anna.post(GRANTS, {**typed, "next": MAY}, follow=True).content.decode()
    assert told in text
    assert Grant.objects.count() == before
    assert f'value="{typed["user"]}"' in text
    assert f'value="{typed["service"]}"' in text


def test_an_admin_of_one_service_gives_roles_there_and_nowhere_else(
    bob: Person, charlie: Person, visit: Visit
) -> None:
    browser = visit(bob)
    text = page(browser, "/people/-/may")  # asks at once where bob may ask
    assert 'value="billing"' in text
    assert "shop" not in text
    assert browser.get("/people").status_code == 403
    assert browser.get("/people/charlie").status_code == 403
    assert browser.get("/people/-/may?service=shop&environment=").status_code == 403
    for wrong in ({"service": "shop"}, {"service": ""}):
        browser.post(GRANTS, {**ROLE, **wrong})
    assert not Grant.objects.filter(user=charlie.user).exists()
    browser.post(GRANTS, ROLE)
    assert Grant.objects.get(user=charlie.user).created_by == bob.user


@pytest.mark.parametrize(
    "address", ["/people", NEW, "/people/anna", "/people/-/may", "/people/nobody"]
)
def test_who_manages_no_access_sees_none_of_it(
    admin: Person, alice: Person, visit: Visit, address: str
) -> None:
    browser = visit(alice)
    assert browser.get(address).status_code == 403
    assert 'href="/people' not in page(browser, "/me")
    assert 'href="/people"' in page(visit(admin), "/me")
    for form in (f"{address}/password", f"{address}/signing-in", GRANTS, f"{GRANTS}/take"):
        browser.post(form, {**ROLE, **TWICE, "user": "alice"})
    assert can_sign_in("anna", PASSWORD)
    assert Grant.objects.filter(user=alice.user).count() == 1


def test_ones_own_password_is_changed_for_the_present_one(charlie: Person, visit: Visit) -> None:
    browser, other = visit(charlie), visit(charlie)
    typed = {"current_password": PASSWORD, **TWICE}
    answer = browser.post("/me/password", typed, follow=True)
    assert "Your password is changed" in answer.content.decode()
    assert other.get("/me").status_code == 302  # that session has ended
    assert charlie.get("/me").status_code == 401  # and so has the token
    assert can_sign_in("charlie", LONG)


def test_nobody_changes_their_own_as_if_it_were_anothers(
    anna: Client, admin: Person, visit: Visit
) -> None:
    before = admin.user.password
    said = "One&#x27;s own password is changed for the present one."
    answer = anna.post(f"/people/{admin.user.username}/password", {"password": ""})
    assert said in answer.content.decode()
    at_api = f"/api/v1/users/{admin.user.username}/password"
    for given in ({}, {"current_password": "another one entirely"}):
        body = {"password": "a new long password", **given}
        refused = anna.post(at_api, body, content_type="application/json")
        assert refused.status_code in (401, 422)
    admin.user.refresh_from_db()
    assert admin.user.password == before
    right = {"password": "a new long password", "current_password": PASSWORD}
    assert anna.post(at_api, right, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"current_password": "another one"}, "The present password is another."),
        ({"password_again": "something else"}, "The two passwords differ."),
        ({"password": "short", "password_again": "short"}, "This password is too weak"),
    ],
)
def test_a_password_is_not_changed_for_a_wrong_one(
    charlie: Person, visit: Visit, wrong: dict[str, str], told: str
) -> None:
    answer = visit(charlie).post("/me/password", {"current_password": PASSWORD, **TWICE, **wrong})
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert can_sign_in("charlie", PASSWORD)


def test_guesses_at_the_present_password_are_slowed_as_at_the_door(
    charlie: Person, visit: Visit
) -> None:
    browser = visit(charlie)
    codes = [
        browser.post("/me/password", {"current_password": f"guess {n}", **TWICE}).status_code
        for n in range(6)
    ]
    assert codes == [422, 422, 422, 422, 422, 429]


def test_a_list_of_many_is_searched_and_in_pages(anna: Client) -> None:
    User.objects.bulk_create(User(username=f"made-{number:03}") for number in range(60))
    text = page(anna, "/people")
    assert text.count('class="main"') == 50
    assert "Page 1 of 2" in laid_flat(text)
    assert page(anna, "/people?search=made-05").count('class="main"') == 10
    assert "Nobody is called “zzz”." in page(anna, "/people?search=zzz")
