"""Names that are not ours, and HEAD."""

import pytest
from django.test import Client
from pytest_django import Settings

from slipway.project.environment import Surroundings
from slipway.project.processes.web import in_url
from tests.interfaces.people import Person

ELSEWHERE = {"Host": "slipway.elsewhere.example"}


@pytest.fixture(autouse=True)
def our_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["slipway.example.com", "testserver", "localhost"]


def test_whoever_is_near_may_ask_how_it_is_by_any_name(root: Person) -> None:
    near = Client(REMOTE_ADDR="127.0.0.1", headers=ELSEWHERE)
    assert near.get("/healthz").status_code == 200
    assert near.get("/metrics", headers=root.headers).status_code == 200
    assert near.get("/metrics").status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/login", "/api/v1/me"])
def test_a_name_that_is_not_ours_gets_a_sentence_and_no_traceback(
    path: str, root: Person, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Client(REMOTE_ADDR="10.0.0.9", headers=ELSEWHERE).get(path, headers=root.headers)
    assert answer.status_code == 400
    assert "SLIPWAY_ALLOWED_HOSTS" in answer.content.decode()
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/login", "/", "/api/v1/me", "/hosts", "/api/v1/nothing", "/metrics", "/audit"],
)
def test_head_answers_like_get_without_the_body(path: str, root: Person) -> None:
    client = Client()
    client.force_login(root.user)
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if path != "/metrics":  # its figures move
        assert abs(int(head.headers["Content-Length"]) - len(get.content)) < 200


def test_loopback_is_always_one_of_our_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_ALLOWED_HOSTS", "slipway.example.com")
    names = Surroundings.read().allowed_hosts
    assert {"slipway.example.com", "127.0.0.1", "localhost"} <= set(names)


@pytest.mark.parametrize(
    ("listens", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("fd00::1", "[fd00::1]"), ("10.0.0.1", "10.0.0.1")],
)
def test_the_address_that_is_printed_can_be_reached(listens: str, reached: str) -> None:
    assert in_url(listens) == reached
