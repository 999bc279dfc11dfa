"""What was typed into a form that is refused stands in it again, whichever form of a page it is."""

import pytest
from django.test import Client

from slipway.interfaces.web.frame import notes
from slipway.records.releasing.models import ReleaseRule
from slipway.records.rollouts.models import Lock
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.reading import laid_flat

TOO_LONG = "because " * 200


@pytest.fixture
def browser(living: None, admin: Person, visit: Visit) -> Client:
    return visit(admin)


def shown(browser: Client, path: str) -> str:
    return laid_flat(browser.get(path).content.decode())


def test_the_reason_and_length_of_a_lock(browser: Client) -> None:
    typed = {"environment": "prod", "reason": TOO_LONG, "hours": "24"}
    browser.post("/services/billing/lock", typed)
    text = shown(browser, "/services/billing")
    assert f'id="reason-prod" name="reason" value="{TOO_LONG[:1000]}"' in text
    assert 'id="reason-dev" name="reason" value=""' in text
    assert '<option value="24" selected>' in text
    assert "data-menu open" in text


def test_what_was_taken_is_not_shown_again(browser: Client) -> None:
    browser.post("/services/billing/lock", {"environment": "prod", "reason": TOO_LONG})
    browser.post("/services/billing/lock", {"environment": "dev", "reason": "a good reason"})
    assert Lock.objects.count() == 1
    assert "because because" not in shown(browser, "/services/billing")


def test_what_was_refused_long_ago_is_not_shown_for_ever(browser: Client) -> None:
    browser.post("/services/billing/lock", {"environment": "prod", "reason": TOO_LONG})
    assert "because because" in shown(browser, "/services/billing")
    session = browser.session
    session["typed"] |= {"*at": session["typed"]["*at"] - notes.TYPED_FOR}
    session.save()
    assert "because because" not in shown(browser, "/services/billing")


def test_the_reason_why_a_lock_is_broken(browser: Client, bob: Person, visit: Visit) -> None:
    visit(bob).post("/services/billing/lock", {"environment": "prod", "reason": "mine"})
    browser.post("/services/billing/unlock", {"environment": "prod", "reason": TOO_LONG})
    assert f'name="reason" value="{TOO_LONG[:1000]}"' in shown(browser, "/services/billing")


def test_the_refs_of_a_rule(browser: Client) -> None:
    refs = "a" * 11_000
    browser.post("/services/billing/rules", {"environment": "dev", "refs": refs})
    assert not ReleaseRule.objects.exists()
    text = shown(browser, "/services/billing")
    assert f'name="refs" value="{refs[:1000]}"' in text
    assert 'name="enabled" value="1">' in text  # it was not ticked


def test_the_reason_of_a_withdrawal(browser: Client) -> None:
    page = f"/services/billing/versions/{V2}"
    browser.post(f"{page}/withdraw", {"environment": "prod", "reason": TOO_LONG})
    for path in (page, f"{page}/parts"):
        text = shown(browser, path)
        assert f'id="withdraw-why" name="reason" value="{TOO_LONG[:1000]}"' in text
        assert "<option selected>prod</option>" in text
