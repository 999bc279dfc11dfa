"""A page of a guarded environment wants a name, and so does the API where a person was asked."""

import pytest
from django.test import Client

from slipway.records.rollouts.models import PersonsWord, Rollout
from tests.interfaces.api.test_rollouts import UPGRADE, deployed
from tests.interfaces.people import Person
from tests.interfaces.releases import drive

SAID = "Type billing to confirm."
VERBS = ("resume", "retry", "rollback")


def begun(alice: Person) -> int:
    deployed()
    return int(alice.post("/rollouts", {**UPGRADE, "confirm": "billing"}).json()["id"])


def prepared(alice: Person, verb: str) -> int:
    """A rollout of which `verb` means something."""
    number = begun(alice)
    if verb == "resume":
        alice.post(f"/rollouts/{number}/pause")
        return number
    if verb == "rollback":
        drive(Rollout.objects.get(pk=number))
        return number
    Rollout.objects.filter(pk=number).update(state="partial", finished_at="2026-01-01T00:00:00Z")
    target = Rollout.objects.get(pk=number).targets.order_by("pk")[0]
    target.state, target.touched = "failed", True
    target.save(update_fields=["state", "touched"])
    return number


def written() -> tuple[int, int]:
    return Rollout.objects.count(), PersonsWord.objects.filter(word="resume").count()


@pytest.mark.parametrize("said", [{"confirm": ""}, {"confirm": "shop"}])
def test_the_api_refuses_another_name_and_says_which(alice: Person, said: dict[str, str]) -> None:
    deployed()
    refused = alice.post("/rollouts", {**UPGRADE, **said})
    assert (refused.status_code, refused.json()["code"]) == (422, "unconfirmed")
    assert refused.json()["message"] == SAID
    assert "--confirm billing" in refused.json()["hint"]
    assert refused.json()["values"]["name"] == "billing"
    assert not Rollout.objects.filter(kind="upgrade").exists()


@pytest.mark.parametrize("verb", VERBS)
def test_what_goes_on_from_a_rollout_holds_to_it_by_the_api(alice: Person, verb: str) -> None:
    number = prepared(alice, verb)
    before = written()
    refused = alice.post(f"/rollouts/{number}/{verb}", {"confirm": ""})
    assert (refused.status_code, refused.json()["code"]) == (422, "unconfirmed")
    assert written() == before
    done = alice.post(f"/rollouts/{number}/{verb}", {"confirm": "billing"})
    assert done.status_code in (200, 202), done.content
    assert written() > before


def test_a_program_means_what_it_sends(alice: Person) -> None:
    deployed()
    assert alice.post("/rollouts", UPGRADE).status_code == 202


@pytest.mark.parametrize("verb", VERBS)
def test_what_goes_on_from_a_rollout_wants_it_by_the_page(alice: Person, verb: str) -> None:
    number = prepared(alice, verb)
    before, browser = written(), Client()
    browser.force_login(alice.user)
    board = f"/rollouts/{number}"
    assert 'data-ask-name="billing"' in browser.get(board).content.decode()
    for said in ({}, {"confirm": "bill"}):
        assert SAID in browser.post(f"{board}/{verb}", said, follow=True).content.decode()
    assert written() == before
    browser.post(f"{board}/{verb}", {"confirm": "billing"})
    assert written() > before


def test_a_repeated_request_is_confirmed_once_and_begins_once(alice: Person) -> None:
    deployed()
    key = {"Idempotency-Key": "release-7"}
    assert alice.post("/rollouts", {**UPGRADE, "confirm": ""}, **key).status_code == 422
    confirmed = {**UPGRADE, "confirm": "billing"}
    first, again = (alice.post("/rollouts", confirmed, **key) for _ in range(2))
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])


def test_that_it_is_guarded_is_shown(alice: Person, root: Person) -> None:
    assert root.get("/environments/prod").json()["guarded"] is True
    assert root.get("/environments/dev").json()["guarded"] is False
