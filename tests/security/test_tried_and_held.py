"""What was tried against a real server, and held: it stays so."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from slipway.interfaces.web.urls import urlpatterns
from tests.installation import Installation
from tests.interfaces.test_admission import PRIVATE, VARIANTS, path_of
from tests.security.town import SECRETS, Ask, Town, forged, plant, posted, texts_of

pytestmark = [pytest.mark.acceptance, pytest.mark.once]

NO_PAGES = {"logout", "audit/export"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    installation = Installation(tmp_path_factory.mktemp("town") / "slipway")
    try:
        installation.start()
        made = Town(installation)
        plant(made)
        yield made
    finally:
        installation.stop()
    assert "Traceback" not in installation.log()


@pytest.fixture(scope="module")
def session(town: Town) -> str:
    """The cookie of an admin who has signed in."""
    return f"sessionid={town.sign_in().cookie('sessionid')}"


# --- strangers -----------------------------------------------------------------------------------


def test_no_route_answers_a_stranger_whatever_the_method(town: Town) -> None:
    asked = [Ask(method, path_of(route)) for route in PRIVATE for method in METHODS]
    assert len(asked) > 1500
    answers = zip(asked, town.ask(asked), strict=True)
    assert [(one, said.status) for one, said in answers if not said.is_turned_away] == []


def spellings() -> list[str]:
    """192 more ways to write the paths that strangers want."""
    wanted = ("/api/v1/services", "/api/v1/audit", "/metrics", "/audit", "/hosts", "/me")
    ways = (
        *("/{}", "//{}", "/./{}", "/x/../{}", "/login/../{}", "/static/../{}", "/healthz/../{}"),
        *(
            "/%2e/{}",
            "/login/%2e%2e/{}",
            "/login%2f..%2f{}",
            "/static/%2e%2e%2f{}",
            "/{}/",
            "/{};x",
        ),
        *("/{}%20", "/{}%09", "/{}%00", "/{}.json", "/{}?next=/login", "/{}#/login", "/;/{}"),
        *("/login;/{}", "/{}//", "/%2f{}", "/\\{}", "/{}%0d%0a", "/{}..;/", "/login?/../{}"),
        *("/api/v1/login/..;/{}", "/healthz;/{}", "/static/x/../../{}", "/%252e%252e/{}", "/{}%3b"),
    )
    return [way.format(path.lstrip("/")) for path, way in product(wanted, ways)]


def test_no_spelling_of_a_path_gets_a_stranger_in(town: Town) -> None:
    paths = [*VARIANTS, *spellings()]
    assert len(paths) >= 192
    asked = [Ask(method, path) for path in paths for method in ("GET", "POST")]
    for one, said in zip(asked, town.ask(asked), strict=True):
        # A path that ends at the login page, or below the static files, is of them.
        shows_login = said.status == 200 and b'name="password"' in said.body
        is_theirs = said.status == 404 and one.path.startswith("/static/")
        assert said.is_turned_away or shows_login or is_theirs, (one, said.status, said.body[:200])
        assert b"billing" not in said.body


# --- forged requests of somebody's browser -------------------------------------------------------


def test_no_form_is_taken_without_proof_that_the_page_is_ours(town: Town, session: str) -> None:
    pages = sorted({path_of(str(entry.pattern)) for entry in urlpatterns})
    pages = [page.replace("/hosts/1", "/hosts/web-1") for page in pages]
    bare = {"Cookie": session, "Content-Type": "application/x-www-form-urlencoded"}
    asked = [Ask("POST", page, bare, b"reason=forged") for page in pages]
    evil = {"Origin": "https://evil.example"}
    asked += [posted(page, {"reason": "forged"}, session, **evil) for page in pages]
    assert len(asked) >= 116
    for one, said in zip(asked, town.ask(asked), strict=True):
        to_login = said.status == 302 and said.header("location").startswith("/login")
        assert said.status == 403 or to_login, (one, said.status)
    assert "forged" not in json.dumps(town.api("GET", "/audit?limit=200").json)


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example"),
        *("\\\\evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)"),
        *("data:text/html,x", "/%09/evil.example", "\t//evil.example", "https://localhost@evil.io"),
        "/\r\nLocation: https://evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(town: Town, elsewhere: str) -> None:
    said = town.sign_in(elsewhere)
    assert said.status == 302
    location = said.header("location")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t"))


def test_a_session_that_was_planted_is_nobodys_after_the_login(town: Town) -> None:
    planted = "sessionid=" + "z" * 32
    said = town.sign_in(cookies=planted)
    mine = said.cookie("sessionid")
    assert mine
    assert mine != "z" * 32
    before, after = town.ask(
        [Ask("GET", "/me", {"Cookie": each}) for each in (planted, f"sessionid={mine}")]
    )
    assert before.is_turned_away
    assert after.status == 200


# --- webhooks and tokens -------------------------------------------------------------------------


def test_no_forged_webhook_is_told_apart_or_taken(town: Town) -> None:
    for kind in ("gitlab", "jenkins", "generic"):
        asked = forged(kind)
        assert len(asked) == 74
        ((status, _),) = texts_of(town.ask(asked))
        assert status in (401, 403, 404), status
    assert town.api("GET", "/services/billing/deliveries").json["items"] == []
    assert town.api("GET", "/services/billing/builds").json["items"] == []


def test_nobody_says_where_they_come_from(town: Town) -> None:
    # Any process of this machine could: no proxy was named.
    lies = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9;proto=https",
        "X-Forwarded-Proto": "https",
    }
    ask = town.of_api("POST", "/locks/release", {"service": "billing", "environment": "prod"})
    assert [said.status for said in town.ask([replace(ask, headers=ask.headers | lies)])] != [401]
    guess = posted("/login", {"username": "vera", "password": "a guess"}, **lies)
    town.ask([guess])
    events = town.api("GET", "/audit?limit=50").json["items"]
    sources = {event["source"] for event in events if event["verb"].startswith("user.login")}
    assert sources
    assert all(source.startswith("127.") for source in sources), sources


def test_a_token_makes_none_that_may_more(town: Town) -> None:
    body = {"username": "vera", "password": SECRETS["password of vera"]}
    weak = town.plant("/login", body)["token"]
    strong = {"name": "strong", "role": "admin", "expires": 3600}
    made = town.api("POST", "/tokens", strong, weak)
    tokens = [weak, *([made.json["token"]] if made.status == 201 else [])]
    wishes: tuple[tuple[str, str, Any], ...] = (
        ("POST", "/users", {"username": "mallory", "password": "a long password"}),
        ("POST", "/grants", {"user": "vera", "role": "admin"}),
        ("POST", "/users/admin/password", {"password": "a long password"}),
        ("DELETE", "/users/admin", None),
        ("POST", "/environments", {"name": "mine"}),
        ("PATCH", "/environments/prod", {"batches": "100%"}),
        ("POST", "/keys", {"name": "mine"}),
        ("POST", "/keys/default/environments", {"environment": "prod"}),
        ("PATCH", "/services/billing", {"build_server": "gitlab"}),
        ("POST", "/build-servers", {"name": "mine", "kind": "command"}),
        ("POST", "/locks/release", {"service": "billing", "environment": "prod", "reason": "x"}),
        ("POST", "/claims/raise", {}),
    )
    for token, (method, path, wish) in product(tokens, wishes):
        assert town.api(method, path, wish, token).status in (403, 404), (method, path)


# --- what people type ----------------------------------------------------------------------------


def test_every_page_says_a_canary_as_text(town: Town, session: str) -> None:
    named = {"<str:name>": "billing", "<id:rollout_id>": "1", "<id:build_id>": "1"}
    paths = {str(entry.pattern) for entry in urlpatterns}
    for place, name in named.items():
        paths = {path.replace(place, name) for path in paths}
    more = ("hosts/web-1", "hosts/web-1/change", "environments/prod", "build-servers/gitlab")
    pages = sorted(f"/{path}" for path in {*paths, *more} - NO_PAGES if "<" not in path)
    asked = [
        Ask("GET", f"{page}{query}", {"Cookie": session, "Accept-Language": language})
        for page in pages
        for query in ("", "?search=%3Ccanary+onx%3D1%3E&next=%3Ccanary+onx%3E")
        for language in ("en", "zh-hans")
    ]
    answers = town.ask(asked)
    for one, said in zip(asked, answers, strict=True):
        assert said.status < 500, one
        assert b"<canary" not in said.body, one
    assert sum(said.body.count(b"&lt;canary onx") for said in answers) >= 20


def test_odd_names_are_refused_in_a_sentence(town: Town) -> None:
    odd: tuple[Any, ...] = (
        *("", " ", ".", "..", "/", "\\", "a/b", "../etc", "a\0b", "\0", "\n", "a\nb", "\r\n", "\t"),
        *("é", "ß", "名", "😀", "\u202e", "\ud800", "-", "--help", "-rf", "_", "a b", " a", "a "),
        *("$(id)", "`id`", "; id", "| id", "&& id", "> x", "'", '"', "*", "?", "[a]", "{a}", "~"),
        *("%00", "%2e%2e", "<b>", "&lt;", "' OR 1=1", "a" * 65, "a" * 300, "a" * 70_000, "A" * 65),
        *("null\0", "a:b", "a,b", "a;b", "a=b", "a@b:c", "a#b", "a!", "a^b", "a+b", "(a)", "a|b"),
        *(
            "\x7f",
            "\x1b[31m",
            "\ufeff",
            "a\u200bb",
            "ａ",
            "İ",
            "ı",
            "a\u0301",
            "\uffff",
            "con\\",
            "-.",
        ),
        *("a\u00a0b", "a\u2028b", 0, -1, 1.5, True, None, [], {}, ["a"], {"a": 1}),
    )
    assert len(odd) >= 82
    asked = [
        town.of_api("POST", path, {"name": name})
        for name in odd
        for path in ("/environments", "/services", "/keys")
    ]
    for one, said in zip(asked, town.ask(asked), strict=True):
        assert 400 <= said.status < 500, (one.path, one.body[:80], said)
        assert said.json["message"], one


def test_no_request_goes_where_none_may(town: Town) -> None:
    """Said of the check of each build server: what its worker found there."""
    nowhere = (
        *("http://169.254.169.254", "http://2852039166", "http://0xa9fea9fe", "http://0.0.0.0"),
        *("http://[fe80::1]", "http://[::]", "http://[64:ff9b::a9fe:a9fe]", "http://224.0.0.1"),
        *("http://[::ffff:169.254.169.254]", "http://255.255.255.255", "file:///etc/passwd"),
        *("gopher://127.0.0.1:25", "ftp://example.com", "https://u:p@gitlab.example.com"),
        *("https://gitlab.example.com/../", "https://gitlab.example.com/?x=1", "//example.com"),
    )
    checks = {}
    for number, address in enumerate(nowhere):
        server = {"name": f"ssrf-{number}", "kind": "gitlab", "base_url": address}
        made = town.api("POST", "/build-servers", {**server, "credential": "x"})
        assert made.status in (201, 400, 409, 422), (address, made)
        if made.status == 201:
            checks[address] = town.plant(f"/build-servers/ssrf-{number}/checks", {})["id"]
    for address, check in checks.items():
        found = town.finished(f"/build-servers/checks/{check}")
        assert not found["works"], (address, found)
        assert not any(finding["works"] for finding in found["findings"]), (address, found)


# --- secrets, and what is written for ever -------------------------------------------------------


def test_no_secret_lies_in_files_words_or_answers(town: Town) -> None:
    asked = ("/build-servers", "/services", "/keys", "/users", "/tokens", "/audit?limit=200")
    answers = town.ask([town.of_api("GET", path) for path in asked])
    seen = b"".join(said.body for said in answers) + town.installation.log().encode()
    files = [path for path in town.installation.folder.rglob("*") if path.is_file()]
    is_on_sqlite = (town.installation.data / "slipway.sqlite3").exists()
    assert any(path.name.endswith("-wal") for path in files) == is_on_sqlite
    seen += b"".join(path.read_bytes() for path in files) + _words_of_processes()
    hidden = [*SECRETS.values(), "PRIVATE KEY"]  # in clear a key begins like that
    assert [secret for secret in hidden if secret.encode() in seen] == []


def _words_of_processes() -> bytes:
    words = b""
    for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
        try:
            words += path.read_bytes()
        except OSError:
            continue  # it has ended, or is not ours
    return words


@pytest.mark.parametrize("sql", ["UPDATE audit_event SET by_name = 'x'", "DELETE FROM audit_event"])
def test_nobody_rewrites_the_audit_in_the_servers_own_database(town: Town, sql: str) -> None:
    file = town.installation.data / "slipway.sqlite3"
    if not file.exists():
        pytest.skip("on PostgreSQL: tests/records/test_append_only.py")
    with (
        closing(sqlite3.connect(file, timeout=30)) as database,
        pytest.raises(sqlite3.DatabaseError, match="never changed"),
    ):
        database.execute(sql)
