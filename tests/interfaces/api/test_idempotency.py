"""The same POST twice is done once."""

from slipway.records.accounts.models import RememberedRequest, Token
from slipway.records.audit import queries as audit
from tests.interfaces.archives import package
from tests.interfaces.people import PASSWORD, Person

KEY = {"Idempotency-Key": "3f2c"}
TOKEN = {"name": "ci", "role": "viewer", "expires": 60}
UPLOAD = "/services/billing/versions?filename=b.tar.gz"


def test_the_same_request_gets_the_same_answer_and_changes_nothing(root: Person) -> None:
    first = root.post("/services", {"name": "mail"}, **KEY)
    again = root.post("/services", {"name": "mail"}, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    made = audit.list_events(actor=root.actor, verb="service.created", service="mail")
    assert len(made) == 1


def test_the_key_of_another_request_is_refused(root: Person) -> None:
    root.post("/services", {"name": "mail"}, **KEY)
    refused = root.post("/services", {"name": "news"}, **KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert root.get("/services/news").status_code == 404


def test_another_person_may_use_the_same_key(root: Person, bob: Person) -> None:
    root.post("/services", {"name": "mail"}, **KEY)
    lock = {"service": "billing", "environment": "prod", "reason": "audit of the books"}
    assert bob.post("/locks", lock, **KEY).status_code == 201


def test_a_refusal_is_not_remembered_for_nothing_was_done(root: Person) -> None:
    assert root.post("/services", {"name": "billing"}, **KEY).status_code == 409
    root.delete("/services/billing")
    assert root.post("/services", {"name": "billing"}, **KEY).status_code == 201


def test_a_change_and_its_answer_are_one_transaction(root: Person) -> None:
    root.post("/services", {"name": "mail"}, **KEY)
    assert RememberedRequest.objects.get(key="3f2c").status == 201
    root.post("/services", {"name": "Not A Name"}, **{"Idempotency-Key": "other"})
    assert not RememberedRequest.objects.filter(key="other").exists()


def test_the_text_of_a_token_is_not_kept_for_a_second_answer(root: Person) -> None:
    made = root.post("/tokens", TOKEN, **KEY)
    assert made.status_code == 201
    assert made.json()["token"] not in str(RememberedRequest.objects.get(key="3f2c").answer)
    again = root.post("/tokens", TOKEN, **KEY)
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    assert Token.objects.filter(name="ci").count() == 1


def test_a_failed_login_leaves_its_trace_whatever_key_it_has(root: Person) -> None:
    body = {"username": "root-person", "password": "wrong"}
    answers = [root.post("/login", body, **KEY).status_code for _ in range(8)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert PASSWORD not in str(RememberedRequest.objects.all())


def test_an_upload_is_remembered_when_it_says_the_sum_of_its_bytes(root: Person) -> None:
    data = package()
    sha256 = root.upload(f"{UPLOAD}&version=1.0", data).json()["sha256"]
    path = f"{UPLOAD}&commit=abc&sha256={sha256}"
    first = root.upload(path, data, **KEY)
    again = root.upload(path, data, **KEY)
    assert first.status_code == 201
    assert again.json() == first.json()
    assert root.get("/services/billing/versions").json()["total"] == 2


def test_a_key_that_is_no_key_is_refused(root: Person) -> None:
    for key in ("", "x" * 129, "two words"):
        refused = root.post("/services", {"name": "mail"}, **{"Idempotency-Key": key})
        assert refused.status_code == 422
