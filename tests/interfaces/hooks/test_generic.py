"""Signed webhooks of anybody's own: let in by the secret, kept once, worth a look and no more."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.core.reading.generic_notice import parse_generic
from slipway.core.words.refusal import Invalid
from slipway.records.audit.models import Event
from slipway.records.builds.operations import pushes
from slipway.records.catalog.models import Build, Delivery, Version
from slipway.records.catalog.queries import services
from tests.interfaces.hooks.conftest import built_by
from tests.interfaces.hooks.senders import SECRET, SHA, notice, send, signed

PUSH = notice(ref="main", commit=SHA)

pytestmark = pytest.mark.usefixtures("by_command")


def post(body: bytes = PUSH, headers: dict[str, str] | None = None) -> Any:
    return send("generic", body, signed(body) if headers is None else headers)


def test_a_push_is_answered_at_once_and_becomes_a_build() -> None:
    answer = post()
    assert (answer.status_code, answer.json()) == (202, {})
    build = Build.objects.get()
    assert (build.version.ref, build.version.commit, build.stage) == ("main", SHA, "wanted")
    delivery = Delivery.objects.get()
    assert (delivery.build, delivery.event, delivery.due_at) == (build, "push", None)
    event = Event.objects.get(verb="build.requested")
    assert (event.by_name, event.source) == ("slipway", "hook:generic")


def test_a_build_that_has_moved_on_is_looked_at() -> None:
    service = services.get_service("billing")
    Build.objects.create(
        service=service,
        version=Version.objects.create(
            service=service, name="1", status=1, created_at=timezone.now()
        ),
        project="x",
        correlation="c",
        originator="asked",
        stage="watched",
        external_id="77",
        created_at=timezone.now(),
        deadline_at=timezone.now(),
        due_at=timezone.now() + timedelta(hours=1),
    )
    body = notice(event="build", build="77")
    assert post(body).status_code == 202
    assert Build.objects.filter(due_at__lte=timezone.now()).exists()
    assert Delivery.objects.get().external_id == "77"


def test_the_secret_of_the_build_server_is_good_for_its_services(root: Any) -> None:
    secret = "another secret, of the server"
    root.patch("/build-servers/command", {"hook_secret": secret})
    assert post(headers=signed(PUSH, secret)).status_code == 202
    other = notice("shop", ref="main")
    assert post(other, signed(other, secret)).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86400, 10**9])
def test_what_was_signed_long_ago_or_lies_ahead_is_turned_away(seconds: int) -> None:
    assert post(headers=signed(PUSH, at=time.time() + seconds)).status_code == 401


@pytest.mark.parametrize("seconds", [-290, 290])
def test_clocks_may_differ_by_minutes(seconds: int) -> None:
    assert post(headers=signed(PUSH, at=time.time() + seconds)).status_code == 202


def test_all_who_prove_nothing_get_the_same_answer() -> None:
    built_by("command", "/srv/shop.git", "shop", hook_secret="")
    stranger = notice("nobody", ref="main")
    secretless = notice("shop", ref="main")
    answers = [
        post(headers=signed(PUSH, "the wrong secret")),
        post(headers=signed(PUSH, at=0)),
        post(headers={}),
        post(headers={**signed(PUSH), "X-Slipway-Timestamp": "now"}),
        post(headers={**signed(PUSH), "X-Slipway-Signature": "sha1=ab"}),
        post(stranger, signed(stranger)),
        post(secretless, signed(secretless)),
        post(secretless, signed(secretless, "")),
        post(b"{", signed(b"{", "the wrong secret")),
        post(b"[" * 10_000, signed(b"[" * 10_000, "the wrong secret")),
        post(b"\x00\xff", {**signed(b""), "X-Slipway-Signature": "sha256=\xff"}),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, answers[0].content)
    }
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[1]",
        b'"billing"',
        b'{"event": "push", "ref": "main"}',
        b'{"service": "billing"}',
        b'{"service": "billing", "event": "pull"}',
        b'{"service": "billing", "event": "push"}',
        b'{"service": "billing", "event": "build"}',
        b'{"service": "billing", "event": "push", "ref": 1}',
        b'{"service": "billing", "event": "push", "ref": "a\\u0000b"}',
        b'{"service": "billing", "event": "push", "ref": "\\ud800"}',
        b'{"service": "billing", "event": "push", "ref": "main", "more": ""}',
    ],
)
def test_what_cannot_be_meant_is_told_to_those_who_know_the_secret(body: bytes) -> None:
    answer = post(body, signed(body))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not Delivery.objects.exists()


def test_bodies_that_name_no_service_are_not_compared_with_every_secret_for_ever() -> None:
    answers = [post(b"{", signed(b"{")).status_code for _ in range(40)]
    assert answers[:20] == [422] * 20
    assert answers[-1] == 401
    assert post().status_code == 202


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_one_bit_more_or_less_and_it_is_a_stranger_s(data: st.DataObject) -> None:
    headers = signed(PUSH)
    parts = {"body": PUSH, **{name: value.encode() for name, value in headers.items()}}
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) * 8 - 1))
    changed = bytearray(parts[name])
    changed[place // 8] ^= 1 << place % 8
    parts[name] = bytes(changed)
    body = parts.pop("body")
    sent = {name: value.decode("latin-1") for name, value in parts.items()}
    assert post(body, sent).status_code == 401
    assert not Delivery.objects.exists()


def test_the_body_is_read_whatever_type_it_says_it_is() -> None:
    answer = Client(enforce_csrf_checks=True).generic(
        "POST", "/hooks/generic", PUSH, "application/x-www-form-urlencoded", headers=signed(PUSH)
    )
    assert answer.status_code == 202  # so sends curl


def test_a_hundred_pushes_of_one_ref_in_one_second_are_a_hundred_versions() -> None:
    now, service = timezone.now(), services.get_service("billing")
    for number in range(110):
        pushes.take_push(
            service=service, source="generic", key=str(number), ref="main", commit="", now=now
        )
    assert Build.objects.count() == 110


def test_a_replay_is_answered_as_before_and_changes_nothing() -> None:
    headers = signed(PUSH)
    assert [post(headers=headers).status_code for _ in range(3)] == [202] * 3
    assert (Delivery.objects.count(), Build.objects.count()) == (1, 1)


def test_a_sender_who_tries_again_signs_again_and_keeps_the_key() -> None:
    for at in (time.time() - 60, time.time()):
        assert post(headers=signed(PUSH, at=at, key="7")).status_code == 202
    assert (Delivery.objects.count(), Build.objects.count()) == (1, 1)


@pytest.mark.parametrize("other", [{"Idempotency-Key": "8"}, {}])
def test_a_copy_is_known_by_its_signature_whatever_key_it_was_given(other: dict[str, str]) -> None:
    headers = signed(PUSH, key="7")
    post(headers=headers)
    del headers["Idempotency-Key"]
    assert post(headers={**headers, **other}).status_code == 202
    assert (Delivery.objects.count(), Build.objects.count()) == (1, 1)


def test_a_replay_is_no_second_build_even_after_its_delivery_was_forgotten() -> None:
    headers = signed(PUSH)
    post(headers=headers)
    Delivery.objects.all().delete()
    post(headers=headers)
    assert Build.objects.count() == 1


def test_the_same_push_said_anew_is_another_delivery_and_a_duplicate() -> None:
    now = time.time()
    for key in (1, 2):
        post(headers=signed(PUSH, at=now - key, key=str(key)))
    assert Delivery.objects.count() == 2
    assert sorted(Version.objects.values_list("status", flat=True)) == [0, 5]


def test_a_ref_that_nobody_wants_is_written_down_and_not_built() -> None:
    body = notice(ref="feature/x", commit=SHA)
    assert post(body).status_code == 202
    assert not Build.objects.exists()
    assert "refs" in str(Delivery.objects.get().outcome)
    assert post(notice(ref="release/1", commit=SHA)).status_code == 202
    assert Build.objects.get().version.ref == "release/1"


def test_a_service_that_nobody_builds_says_so_in_its_deliveries() -> None:
    built_by("", "", "shop", hook_secret=SECRET)
    assert post(notice("shop", ref="main")).status_code == 202
    assert "no build server" in str(Delivery.objects.get().outcome)


@pytest.mark.parametrize("body", [None, 1, [], {"service": ["x"]}, {"service": "x" * 600}])
def test_a_notice_is_a_few_lines_of_text(body: object) -> None:
    with pytest.raises(Invalid):
        parse_generic(body)
