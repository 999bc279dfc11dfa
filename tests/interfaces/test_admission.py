"""Who may come in."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from slipway.interfaces.entrance.admission import BUCKETS, PUBLIC_ROUTES
from slipway.interfaces.entrance.buckets import Rate
from slipway.records.accounts.models import Token
from slipway.records.accounts.operations import people
from slipway.records.accounts.rights import Actor
from tests.interfaces.people import PASSWORD, Person

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
TURNED_AWAY = (401, 403, 302, 405)


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Yield every route pattern of the project."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


def path_of(route: str) -> str:
    """Return a path that fits the route."""
    filled = re.sub(r"<uuid:\w+>", "0b7cfa74-3d1c-4f43-9b53-1f9d9bd10a7e", route)
    filled = re.sub(r"<[^>]*>|\(\?P<\w+>[^)]*\)|\([^)]*\)", "1", filled)
    return "/" + re.sub(r"[\^$\\?]", "", filled)


ROUTES = sorted(set(routes()))
PRIVATE = [route for route in ROUTES if route not in PUBLIC_ROUTES]


def is_turned_away(status: int, location: str) -> bool:
    return status in TURNED_AWAY and (status != 302 or location.startswith("/login"))


def test_the_walk_sees_the_routes_of_every_room() -> None:
    assert len(ROUTES) > 60
    assert {"healthz", "metrics", "api/v1/login", "api/v1/services/<name>"} <= set(ROUTES)
    assert any(route.startswith("admin/") for route in ROUTES)


@pytest.mark.django_db
@pytest.mark.parametrize("route", PRIVATE)
def test_no_route_answers_a_stranger(route: str) -> None:
    client = Client()
    for method in METHODS:
        answer = client.generic(method, path_of(route))
        location = answer.headers.get("Location", "")
        assert is_turned_away(answer.status_code, location), (method, path_of(route))


VARIANTS = [
    "//api/v1/services",
    "/api//v1/services",
    "/api/v1/services/",
    "/api/v1/services;x.jsp",
    "/api/v1/services/billing;.jsp",
    "/api/v1/login/../services",
    "/api/v1/login/%2e%2e/services",
    "/login/../services",
    "/login;/../metrics",
    "/login%2f..%2fmetrics",
    "/static/../metrics",
    "/static/%2e%2e/metrics",
    "/static/..%2fapi/v1/services",
    "/healthz/../metrics",
    "/healthz/x",
    "/healthz;x",
    "/healthz.",
    "/HEALTHZ/",
    "/API/v1/services",
    "/Api/V1/login/x",
    "/metrics/",
    "/metrics.",
    "/METRICS",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v2/services",
    "/api/v1/nothing",
    "/admin/login/../",
    "/admin/../healthz/x",
    "/hax?jsp=/app/rest/server;.jsp",
    "/.git/config",
    "/\x00",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", VARIANTS)
def test_no_spelling_of_a_path_gets_a_stranger_in(path: str) -> None:
    for method in ("GET", "POST"):
        answer = Client().generic(method, path)
        ok = is_turned_away(answer.status_code, answer.headers.get("Location", ""))
        missing_static = path.startswith("/static/") and answer.status_code == 404
        assert ok or missing_static, (method, path, answer.status_code)


def test_an_unknown_address_of_the_api_is_404_in_json_for_those_who_are_in(root: Person) -> None:
    answer = root.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_method_that_is_not_taken_is_405_in_json(root: Person) -> None:
    answer = root.ask("PUT", "/services")
    assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer x", "Basic YTpi", "bearer slw_a_b", "x" * 9000]
)
def test_wrong_credentials_are_none(company: None, header: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_token_ends_when_it_expires_is_revoked_or_its_owner_is_disabled(root: Person) -> None:
    token = Token.objects.get(user=root.user)
    assert root.get("/me").status_code == 200
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert root.get("/me").status_code == 401
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(days=1))
    assert root.get("/me").status_code == 200
    people.disable_user(user=root.user, by=Actor.system(), now=timezone.now())
    assert root.get("/me").status_code == 401


def test_a_token_of_a_superuser_does_not_open_the_admin_pages(root: Person) -> None:
    # Those ask what the owner may, not what the token may.
    answer = Client().get("/admin/", headers=root.headers)
    assert (answer.status_code, answer.headers["Location"][:6]) == (302, "/login")


def test_a_bad_token_is_not_made_good_by_a_cookie(root: Person) -> None:
    client = Client()
    client.force_login(root.user)
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_session_writes_only_with_proof_that_the_page_is_ours(root: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(root.user)
    body = '{"name": "mail"}'
    refused = client.post("/api/v1/services", body, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    client.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    taken = client.post("/api/v1/services", body, "application/json", headers=headers)
    assert taken.status_code == 201


def test_another_site_cannot_write_with_somebodys_cookie(root: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(root.user)
    client.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32, "Origin": "https://evil.example"}
    answer = client.post("/api/v1/services", "{}", "application/json", headers=headers)
    assert answer.status_code == 403


def test_a_token_needs_no_proof(root: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/api/v1/services", '{"name": "mail"}', "application/json", headers=root.headers
    )
    assert answer.status_code == 201


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers() -> None:
    for path in ("/healthz", "/api/v1/services", "/nowhere", "/login"):
        headers = Client().get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
    assert Client().get("/api/v1/services").headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_foreign_host_name_is_refused() -> None:
    answer = Client().get("/login", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_who_asks_too_often_waits(root: Person, settings: Settings) -> None:
    settings.SLIPWAY_RATES = (Rate(0.1, 2), Rate(0.1, 2))
    BUCKETS.clear()
    assert [root.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    answer = root.get("/me")
    assert answer.json()["code"] == "too_often"
    assert int(answer.headers["Retry-After"]) > 0
    assert [Client().get("/healthz").status_code for _ in range(3)] == [200, 200, 429]


def test_logging_in_gives_a_token_and_says_nothing_more_when_it_does_not(root: Person) -> None:
    def log_in(username: str, password: str) -> tuple[int, dict[str, str]]:
        body = {"username": username, "password": password}
        answer = Client().post("/api/v1/login", body, content_type="application/json")
        return answer.status_code, answer.json()

    status, answer = log_in("root-person", PASSWORD)
    assert status == 201
    headers = {"Authorization": f"Bearer {answer['token']}"}
    assert Client().get("/api/v1/me", headers=headers).json()["username"] == "root-person"
    assert log_in("root-person", "wrong") == log_in("nobody-at-all", "wrong")
    assert log_in("root-person", "wrong")[0] == 401


def test_logging_in_again_replaces_the_token_of_that_name(root: Person) -> None:
    body = {"username": "root-person", "password": PASSWORD}
    for _ in range(2):
        answer = Client().post("/api/v1/login", body, content_type="application/json")
        assert answer.status_code == 201
    assert Token.objects.filter(name="login", revoked_at=None).count() == 1


def test_the_session_cookie_is_out_of_reach_of_scripts() -> None:
    assert django_settings.SESSION_COOKIE_HTTPONLY
    assert django_settings.SESSION_COOKIE_SAMESITE == "Lax"
