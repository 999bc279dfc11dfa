"""What is tried in vain is in the audit: refused downloads, worthless tokens, unproven webhooks."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from slipway.interfaces.entrance.attempts import TOLD
from slipway.records.accounts.models import Token
from slipway.records.accounts.operations import people, tokens
from slipway.records.audit.models import Event
from tests.interfaces.people import Person
from tests.interfaces.releases import make_version

PACKAGE = "/services/billing/versions/1.0/package"


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    TOLD.clear()
    yield
    TOLD.clear()


def told(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("pk"))


def test_a_refused_download_is_told_with_what_was_asked_for(dora: Person) -> None:
    make_version("1.0")
    for _ in range(3):
        assert dora.get(PACKAGE).status_code == 403
    (event,) = told("attempt.refused")
    assert (event.by_name, event.thing_name, event.service) == ("dora", "upload", "billing")
    assert event.after == {"asked": "GET /api/v1/services/<name>/versions/<version>/package"}


def test_by_the_page_too_and_beside_what_else_was_refused(dora: Person) -> None:
    make_version("1.0")
    assert dora.upload("/services/billing/versions?filename=b.tar.gz", b"x").status_code == 403
    browser = Client()
    browser.force_login(dora.user)
    assert browser.get("/services/billing/versions/1.0/package").status_code == 403
    asked = [(event.after or {}).get("asked", "") for event in told("attempt.refused")]
    assert [each.partition(" ")[0] for each in asked] == ["POST", "GET"]
    assert asked[1].endswith("/package")


def test_what_a_page_only_leaves_out_is_no_attempt(dora: Person) -> None:
    browser = Client()
    browser.force_login(dora.user)
    address = "/rollouts/new?service=billing&environment=prod"
    for page in ("/", "/services", "/services/billing", "/hosts", "/audit", address):
        assert browser.get(page).status_code == 200
    assert told("attempt.refused") == []


@pytest.mark.parametrize("text", ["Bearer slw_nobody_nothing", "Bearer x", "bearer slw_a_\u00e9"])
def test_a_worthless_token_is_told_once_and_not_what_it_said(company: None, text: str) -> None:
    for _ in range(3):
        assert Client(headers={"Authorization": text}).get("/api/v1/me").status_code == 401
    (event,) = told("attempt.worthless_token")
    assert (event.by, event.source, event.thing_name, event.after) == (None, "127.0.0.1", "", None)


@pytest.mark.parametrize("why", ["revoked", "expired", "disabled"])
def test_one_that_was_good_once_is_named_with_why(dora: Person, root: Person, why: str) -> None:
    token = Token.objects.get(user=dora.user)
    now = timezone.now()
    if why == "revoked":
        tokens.revoke_token(token=token, by=dora.actor, now=now)
    elif why == "expired":
        early = now - timedelta(days=2)
        Token.objects.filter(pk=token.pk).update(created_at=early, expires_at=now)
    else:
        people.disable_user(user=dora.user, by=root.actor, now=now)
        Token.objects.filter(pk=token.pk).update(revoked_at=None)
    assert dora.get("/me").status_code == 401
    (event,) = told("attempt.worthless_token")
    assert (event.thing_id, event.thing_name) == (token.prefix, str(token))
    assert event.after == {"why": why, "owner": "dora"}
    assert "slw_" not in str(event.after)


def test_without_any_token_nobody_tried_one(company: None) -> None:
    for headers in ({}, {"Authorization": "Basic eDp5"}):
        assert Client(headers=headers).get("/api/v1/me").status_code == 401
    assert told("attempt.worthless_token") == []


@pytest.mark.parametrize("hook", ["gitlab", "jenkins", "generic"])
def test_a_webhook_that_proves_nothing_is_told_once(company: None, hook: str) -> None:
    for body in (b"{}", b'{"project": {"id": 7}}', b"no json"):
        headers = {"X-Gitlab-Token": "guess", "X-Slipway-Token": "guess"}
        answer = Client(headers=headers).post(f"/hooks/{hook}", body, "application/json")
        assert answer.status_code == 401
    (event,) = told("attempt.unproven_webhook")
    assert (event.by_name, event.source, event.thing_name) == ("?", "127.0.0.1", hook)


def test_only_who_looks_at_everything_sees_what_strangers_tried(
    company: None, root: Person, bob: Person
) -> None:
    Client().post("/hooks/gitlab", b"{}", "application/json")
    assert [each["verb"] for each in root.get("/audit?verb=attempt.").json()["items"]] == [
        "attempt.unproven_webhook"
    ]
    assert bob.get("/audit?verb=attempt.").json()["items"] == []
