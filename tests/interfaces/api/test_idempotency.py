"""The same POST twice is done once."""

import json
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from slipway.records.accounts.models import RememberedRequest, Token
from slipway.records.audit import queries as audit
from tests.interfaces.archives import package
from tests.interfaces.conftest import make_company
from tests.interfaces.people import PASSWORD, Person, person

KEY = {"Idempotency-Key": "3f2c"}
TOKEN = {"name": "ci", "role": "viewer", "expires": 60}
UPLOAD = "/services/billing/versions?filename=b.tar.gz"


def test_the_same_request_gets_the_same_answer_and_changes_nothing(root: Person) -> None:
    first = root.post("/services", {"name": "mail"}, **KEY)
    again = root.post("/services", {"name": "mail"}, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    made = audit.list_events(
        actor=root.actor, wanted=audit.EventFilter(verb="service.created", service="mail")
    )
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


def test_of_ten_at_once_with_one_key_one_does_it_and_the_others_get_its_answer(
    transactional_db: None, packages: object
) -> None:
    make_company()
    rita = person("rita", is_superuser=True)

    def send(_number: int) -> tuple[int, str]:
        try:
            answer = rita.post("/services", {"name": "mail"}, **KEY)
            # PostgreSQL keeps the fields in an order of its own.
            return answer.status_code, json.dumps(answer.json(), sort_keys=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(send, range(10)))
    # The one that lost the race to the very same moment may be told to ask again.
    done = {content for status, content in answers if status == 201}
    assert len(done) == 1, answers
    assert {status for status, _ in answers} <= {201, 409}
    assert send(0) == (201, done.pop())
    made = audit.list_events(
        actor=rita.actor, wanted=audit.EventFilter(verb="service.created", service="mail")
    )
    assert len(made) == 1
