"""GitLab's webhooks, by token and by signature."""

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.records.catalog.models import Build, Delivery
from tests.interfaces.hooks.conftest import built_by
from tests.interfaces.hooks.senders import (
    HTTP_URL,
    SECRET,
    SERVERS_SECRET,
    SHA,
    encoded,
    gitlab,
    pipeline,
    push,
    send,
    standard,
)

PUSH_HOOK = "Push Hook"
RAW_KEY = bytes(range(32))
SIGNING_TOKEN = "whsec_" + base64.b64encode(RAW_KEY).decode()


def post(body: bytes, headers: dict[str, str]) -> Any:
    return send("gitlab", body, headers)


@pytest.mark.parametrize("secret", [SECRET, SERVERS_SECRET])
@pytest.mark.parametrize("project", ["15", "team/project-15"])
def test_a_pipeline_of_a_service_s_project_is_looked_at(secret: str, project: str) -> None:
    built_by("gitlab", project)
    answer = post(pipeline(31), gitlab(secret))
    assert (answer.status_code, answer.json()) == (202, {})
    told = Delivery.objects.get()
    assert (told.external_id, told.ref, told.commit) == ("31", "main", SHA)
    assert told.due_at is not None
    assert (told.event, told.source_address) == ("Pipeline Hook", "127.0.0.1")


def test_several_services_of_one_project_are_told_if_the_secret_is_theirs() -> None:
    built_by("gitlab", "15")
    built_by("gitlab", "15", "shop", hook_secret="another secret of the shop's")
    post(pipeline(), gitlab(SECRET, key="a"))
    assert [one.service.name for one in Delivery.objects.all()] == ["billing"]
    post(pipeline(), gitlab(SERVERS_SECRET, key="b"))
    assert Delivery.objects.count() == 3


@pytest.mark.usefixtures("by_gitlab")
def test_all_who_prove_nothing_get_the_same_answer() -> None:
    built_by("gitlab", "16", "shop", hook_secret="")
    answers = [
        post(pipeline(), gitlab("wrong")),
        post(pipeline(), gitlab("")),
        post(pipeline(), {}),
        post(pipeline(project=99), gitlab(SECRET)),
        post(pipeline(project=16), gitlab(SECRET)),
        post(b"{", gitlab("wrong")),
        post(b"{}", gitlab("wrong")),
        post(encoded({"project": {"id": True}}), gitlab("wrong")),
        post(encoded({"project": {"id": "a\0b"}}), gitlab("wrong")),
        post(encoded({"project": {"path_with_namespace": "\ud800"}}), gitlab("wrong")),
        post(b'{"project": {"id": ' + b"9" * 5000 + b"}}", gitlab("wrong")),
        post(pipeline(), gitlab("gehe\xefm")),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, answers[0].content)
    }
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("by_gitlab")
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", encoded({"project": {"id": 15}})])
def test_what_cannot_be_meant_is_told_to_those_who_know_the_secret(body: bytes) -> None:
    assert post(body, gitlab(SECRET)).status_code == 422


@pytest.mark.usefixtures("by_gitlab")
@pytest.mark.parametrize("event", ["Tag Push Hook", "Job Hook", "Note Hook", ""])
def test_other_events_are_taken_and_nothing_is_done(event: str) -> None:
    assert post(pipeline(), gitlab(SECRET, event)).status_code == 202
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("by_gitlab")
@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Gitlab-Event-UUID", "webhook-id", ""])
def test_a_retry_is_one_delivery(header: str) -> None:
    headers = gitlab(SECRET) | ({header: "e-1"} if header else {})
    assert [post(pipeline(), headers).status_code for _ in range(3)] == [202] * 3
    assert Delivery.objects.count() == 1
    post(pipeline(32), headers | ({header: "e-2"} if header else {}))
    assert Delivery.objects.count() == 2


@pytest.mark.usefixtures("by_command")
@pytest.mark.parametrize(
    "url", [HTTP_URL, HTTP_URL.removesuffix(".git"), HTTP_URL.removesuffix(".git") + "/"]
)
def test_a_push_to_a_repository_that_a_command_builds_becomes_a_build(url: str) -> None:
    headers = gitlab(SECRET, PUSH_HOOK, key="p")
    assert [post(push(url=url), headers).status_code for _ in range(2)] == [202, 202]
    build = Build.objects.get()
    assert (build.version.ref, build.version.commit) == ("main", SHA)
    assert Delivery.objects.get().build == build


@pytest.mark.usefixtures("by_command")
@pytest.mark.parametrize(
    "body",
    [push(after="0" * 40), push("refs/heads/feature/x")],
)
def test_a_deleted_branch_or_an_unwanted_one_is_not_built(body: bytes) -> None:
    assert post(body, gitlab(SECRET, PUSH_HOOK)).status_code == 202
    assert not Build.objects.exists()


@pytest.mark.usefixtures("by_command")
def test_a_push_to_another_repository_is_a_stranger_s() -> None:
    body = push(url="https://gitlab.example.com/team/other.git")
    assert post(body, gitlab(SECRET, PUSH_HOOK)).status_code == 401


@pytest.mark.usefixtures("by_gitlab")
def test_where_gitlab_builds_a_push_starts_nothing_here() -> None:
    assert post(push(), gitlab(SECRET, PUSH_HOOK)).status_code == 202
    assert not Build.objects.exists()


@pytest.fixture
def by_signature() -> Callable[..., Any]:
    built_by("gitlab", "15", hook_secret=SIGNING_TOKEN)
    return lambda body, **more: post(body, standard(body, RAW_KEY, **more))


def test_a_signature_is_as_good_as_a_token(by_signature: Callable[..., Any]) -> None:
    for _ in range(2):
        assert by_signature(pipeline(31)).status_code == 202
    assert Delivery.objects.get().key == "msg-1"


@pytest.mark.usefixtures("by_gitlab")
def test_a_secret_that_is_no_signing_token_signs_as_it_is_written() -> None:
    body = pipeline()
    assert post(body, standard(body, SECRET.encode())).status_code == 202


def test_one_of_several_signatures_is_enough(by_signature: Callable[..., Any]) -> None:
    headers = standard(pipeline(), RAW_KEY)
    headers["webhook-signature"] = "v1,bm9uZQ== " + headers["webhook-signature"]
    assert post(pipeline(), headers).status_code == 202


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_another_time_is_worth_nothing(
    by_signature: Callable[..., Any], seconds: int
) -> None:
    assert by_signature(pipeline(), at=time.time() + seconds).status_code == 401


def test_a_bad_signature_is_not_made_good_by_a_token(by_signature: Callable[..., Any]) -> None:
    headers = standard(pipeline(), b"wrong") | gitlab(SIGNING_TOKEN)
    assert post(pipeline(), headers).status_code == 401


def test_a_signed_copy_under_another_key_is_the_same(by_signature: Callable[..., Any]) -> None:
    headers = standard(pipeline(), RAW_KEY)
    for key in ("1", "2"):
        assert post(pipeline(), {**headers, "Idempotency-Key": key}).status_code == 202
    assert Delivery.objects.count() == 1


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_bit_more_or_less_and_it_is_a_stranger_s(
    by_signature: Callable[..., Any], data: st.DataObject
) -> None:
    body, headers = pipeline(), standard(pipeline(), RAW_KEY)
    del headers["X-Gitlab-Event"]
    parts = {"body": body, **{name: value.encode() for name, value in headers.items()}}
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) * 8 - 1))
    changed = bytearray(parts[name])
    changed[place // 8] ^= 1 << place % 8
    parts[name] = bytes(changed)
    body = parts.pop("body")
    sent = {name: value.decode("latin-1") for name, value in parts.items()}
    assert post(body, sent).status_code == 401
