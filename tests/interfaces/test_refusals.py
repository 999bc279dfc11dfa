"""What is not done is said with its code and its values: to programs in English, to people in their
language."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from slipway.interfaces.sentences import SENTENCES, sentence
from tests.chinese import english_in
from tests.interfaces.people import Person


def test_a_refusal_has_its_values(root: Person) -> None:
    answer = root.get("/hosts/nowhere")
    assert answer.status_code == 404
    said = answer.json()
    assert said["message"] == "There is no host nowhere."
    assert (said["code"], said["values"]) == ("not_found", {"host": "nowhere"})


@pytest.mark.parametrize(
    ("sent", "english", "chinese"),
    [
        ({}, "name is missing.", "缺少 name。"),
        (
            {"name": "test", "order": "first", "odd": 1},
            "order has to be a whole number. odd is not known here.",
            "order 必须是整数。 这里没有 odd 这个字段。",
        ),
        (
            {"name": "t" * 300},
            "name is too long: at most 253 characters.",
            "name 太长：最多 253 个字符。",
        ),
    ],
)
def test_what_cannot_be_meant_names_the_mistakes(
    root: Person, sent: dict[str, object], english: str, chinese: str
) -> None:
    said = root.post("/environments", sent, **{"Accept-Language": "zh-hans"}).json()
    assert (said["code"], said["message"]) == ("invalid", english)
    assert said["told"][english] == chinese


def test_what_an_import_refuses_is_told_with_its_values(root: Person) -> None:
    text = "name,address,environment\nweb-8,-x,prod\n"
    said = root.post("/hosts/import", {"text": text, "filename": "hosts.csv"}).json()
    (problem,), (told,) = said["problems"], said["problems_told"]
    assert told["code"] == "invalid"
    assert problem == f"{told['message']} Allowed: a DNS name or an IP address."
    assert told["values"]["host"] == "web-8"
    assert told["values"]["why"]["sentence"]["code"] == "invalid"


def test_the_doctor_has_values(root: Person) -> None:
    found = {item["code"]: item for item in root.get("/doctor").json()["items"]}
    assert found["database"]["message"].startswith("The database answers (")
    assert found["database"]["values"]["vendor"] in ("sqlite", "postgresql")


@pytest.mark.parametrize("status", SENTENCES)
def test_people_read_it_in_their_language(status: int) -> None:
    with translation.override("zh-hans"):
        page = sentence(RequestFactory().get("/rollouts"), status).content.decode()
        answer = sentence(RequestFactory().get("/api/v1/rollouts"), status).content.decode()
    assert english_in(page.replace("`slipway login`", "")) == []
    assert SENTENCES[status].english in answer
