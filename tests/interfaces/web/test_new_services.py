"""Services, their specs and their versions by page: wrong at its field and line, nothing lost."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from slipway.core.words.documents import line_of
from slipway.records.audit.models import Event
from slipway.records.catalog.models import Service, Version
from tests.interfaces.archives import package
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit

CHANGE = "/services/billing/change"
NEW, SPEC, UPLOAD = "/services/-/new", "/services/billing/spec", "/services/billing/versions/-/new"
GOOD = "run: ./bin/app\nhealth:\n  tcp: 127.0.0.1:80\n  interval: 2s\n"
FORM = {
    "name": "paying",
    "language": "go",
    "description": "takes money",
    "default_ref": "main",
    "labels": "team=data",
    "spec": GOOD,
}


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def test_a_service_is_made_and_its_first_version_comes_next(browser: Client) -> None:
    answer = browser.post(NEW, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/services/paying/versions/-/new",
    )
    made = Service.objects.get(name="paying")
    assert (made.language, made.description, made.labels) == ("go", "takes money", {"team": "data"})
    assert made.spec == {
        "run": "./bin/app",
        "health": {"tcp": "127.0.0.1:80", "interval": "2s"},
    }
    assert Event.objects.filter(verb="service.created", thing_name="paying").count() == 1


@pytest.mark.parametrize(
    ("field", "text", "status", "said"),
    [
        ("name", "No Good", 422, "cannot be a service name"),
        ("name", "billing", 409, "There is a service billing already."),
        ("spec", "run: [", 422, "Line 1 is not YAML"),
        ("spec", "run: ./a\nwalk: ./b\n", 422, "Line 2: walk is not known."),
        ("spec", "run: ./a\nhealth:\n  tcp: a:1\n  interval: soon\n", 422, "Line 4: "),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_line_and_all_is_kept(
    browser: Client, field: str, text: str, status: int, said: str
) -> None:
    answer = browser.post(NEW, {**FORM, field: text})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'aria-describedby="{field}-problem"' in page
    assert page.count('class="problem"') == 1
    assert said in page
    assert 'value="takes money"' in page
    assert f">{text if field == 'spec' else GOOD}".rstrip() in page
    assert not Service.objects.filter(name="paying").exists()


def test_a_long_spec_is_not_cut(browser: Client) -> None:
    browser.post(NEW, {**FORM, "spec": f"{GOOD}# {'x' * 20_000}\nuser: app\n"})
    assert Service.objects.get(name="paying").spec["user"] == "app"


@pytest.mark.parametrize(
    ("path", "line"),
    [("run", 1), ("health", 2), ("health.interval", 4), ("health.none", 2), ("", 0)],
)
def test_a_key_is_found_in_its_line(path: str, line: int) -> None:
    assert line_of(GOOD, path) == line


def test_a_spec_is_checked_first_and_kept_when_that_is_said(browser: Client) -> None:
    Service.objects.filter(name="billing").update(spec={})
    page = browser.post(SPEC, {"spec": GOOD, "was_spec": "", "do": "check"}).content.decode()
    assert "It can be released so. Nothing is kept yet." in page
    assert Service.objects.get(name="billing").spec == {}
    answer = browser.post(SPEC, {"spec": GOOD, "was_spec": "", "do": "keep"})
    assert answer.headers["Location"] == "/services/billing"
    assert Service.objects.get(name="billing").spec["run"] == "./bin/app"
    assert Event.objects.get(verb="service.changed").by_name == "root-person"


def test_a_spec_that_others_changed_meanwhile_is_left_alone(browser: Client) -> None:
    Service.objects.filter(name="billing").update(spec={"user": "app"})
    answer = browser.post(SPEC, {"spec": GOOD, "was_spec": "", "do": "keep"})
    assert answer.status_code == 409
    assert "Somebody else has changed it meanwhile" in answer.content.decode()
    assert "./bin/app" in answer.content.decode()
    assert Service.objects.get(name="billing").spec == {"user": "app"}


def test_a_wrong_spec_stands_there_as_it_was_typed(browser: Client) -> None:
    answer = browser.post(SPEC, {"spec": "run: ./a\nwalk: x\n", "was_spec": "", "do": "keep"})
    assert answer.status_code == 422
    assert "Line 2: walk is not known." in answer.content.decode()
    assert "walk: x" in answer.content.decode()


def test_what_is_said_about_a_service_is_changed_field_by_field(browser: Client) -> None:
    Service.objects.filter(name="billing").update(language="go")
    form = {"description": "bills", "labels": "team=data", "language": "go", "was_language": "java"}
    answer = browser.post(CHANGE, form)
    assert answer.headers["Location"] == "/services/billing"
    changed = Service.objects.get(name="billing")
    assert (changed.description, changed.labels, changed.language) == (
        "bills",
        {"team": "data"},
        "go",
    )
    event = Event.objects.get(verb="service.changed")
    assert set(event.after or {}) >= {"description", "labels"}


@pytest.mark.parametrize(
    ("field", "text"), [("build_url", "ftp://x"), ("labels", "a b=c"), ("language", "latin")]
)
def test_what_cannot_be_said_about_it_stands_there_with_why(
    browser: Client, field: str, text: str
) -> None:
    answer = browser.post(CHANGE, {"description": "typed words", field: text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-problem"' in page
    assert ">typed words</textarea>" in page
    assert Service.objects.get(name="billing").description != "typed words"


def test_a_description_keeps_its_lines_and_other_fields_are_changed_beside_it(
    browser: Client,
) -> None:
    kept = "line one\r\nline two\n"
    Service.objects.filter(name="billing").update(description=kept)
    shown = browser.get(CHANGE).content.decode()
    assert re.search(r'<textarea[^>]*name="description"[^>]*>line one', shown)
    as_sent = {"description": "line one\r\nline two", "was_description": "line one\r\nline two"}
    answer = browser.post(CHANGE, {**as_sent, "labels": "team=data", "was_labels": ""})
    assert answer.status_code == 302
    changed = Service.objects.get(name="billing")
    assert (changed.description, changed.labels) == (kept, {"team": "data"})
    browser.post(CHANGE, {**as_sent, "description": "line one\r\nand another"})
    assert Service.objects.get(name="billing").description == "line one\nand another"


def test_a_service_is_removed_only_where_it_was_never_used(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.post(NEW, {"name": "paying"})
    assert browser.post("/services/paying/remove").headers["Location"] == "/services"
    assert not Service.objects.filter(name="paying").exists()
    page = browser.post("/services/billing/remove", follow=True).content.decode()
    assert "billing has versions, instances or a history." in page


def test_a_package_comes_with_a_plain_form(browser: Client) -> None:
    file = SimpleUploadedFile("billing.tar.gz", package())
    form = {"file": file, "version": "v1", "ref": "main", "commit": "abc", "description": "first"}
    answer = browser.post(UPLOAD, form)
    assert answer.headers["Location"] == "/services/billing/versions/v1"
    made = Version.objects.get(name="v1")
    assert (made.ref, made.commit, made.description) == ("main", "abc", "first")
    assert made.filename == "billing.tar.gz"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "file"),
        ({"file": SimpleUploadedFile("x.tar.gz", b"no archive")}, "file"),
        ({"file": SimpleUploadedFile("x.tar.gz", b"x"), "version": "a b"}, "version"),
        ({"ref": "r" * 256}, "ref"),
        ({"commit": "c" * 65}, "commit"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": "0" * 64}, "file"),  # of another package
    ],
)
def test_what_is_no_version_is_said_at_its_field(
    browser: Client, more: dict[str, object], field: str
) -> None:
    if field in ("ref", "commit", "sha256") or "sha256" in more:  # of a package that is good
        more = {**more, "file": SimpleUploadedFile("billing.tar.gz", package())}
    answer = browser.post(UPLOAD, {"version": "v1", "description": "typed words", **more})
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert f'aria-describedby="{field}-problem"' in page
    assert 'value="typed words"' in page
    assert not Version.objects.exists()


def test_a_package_is_compared_with_the_sha256_that_was_typed(browser: Client) -> None:
    wanted = hashlib.sha256(package()).hexdigest()
    file = SimpleUploadedFile("billing.tar.gz", package())
    answer = browser.post(UPLOAD, {"file": file, "version": "v1", "sha256": wanted.upper()})
    assert answer.headers["Location"] == "/services/billing/versions/v1"


def test_who_may_not_is_offered_nothing(company: None, visit: Visit) -> None:
    browser = visit(person("vera", ("viewer", "", "")))
    for address in (NEW, SPEC, CHANGE, UPLOAD, "/services/billing/remove"):
        assert browser.get(address).status_code in (403, 405)
        assert browser.post(address, FORM).status_code == 403
    shown = browser.get("/services/billing").content.decode()
    assert SPEC not in shown
    assert UPLOAD not in shown
    assert NEW not in browser.get("/services").content.decode()


def test_only_what_was_sent_stands_in_the_history_as_its_form(browser: Client) -> None:
    assert "web/sent.js" not in browser.get(NEW).content.decode()
    assert "web/sent.js" in browser.post(NEW, {**FORM, "name": "No Good"}).content.decode()
