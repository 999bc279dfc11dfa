"""Build servers on the pages: who sees what, secrets that never come back, tests, webhooks."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from slipway.core.builds.seen import Finding
from slipway.records.builds.operations.deliveries import became, finish_delivery, take_delivery
from slipway.records.catalog.models import BuildServer, Delivery, ServerCheck, Service
from slipway.records.catalog.queries.services import get_service
from tests.interfaces.people import Person
from tests.interfaces.web.building import SERVER, answer_checks, make_build
from tests.interfaces.web.conftest import Visit
from tests.sentences import said

FORM = {
    "name": "jenkins",
    "kind": "jenkins",
    "base_url": "https://jenkins.example.com/ci",
    "username": "slipway",
    "credential": "token-not-for-eyes",
    "hook_secret": "a-secret-of-jenkins",
    "ca_certificate": "",
    "proxy": "",
    "package_bases": "https://files.example.com/builds\r\nhttps://cdn.example.com/b",
}
KEPT = {"name": SERVER, "kind": "gitlab", "base_url": "https://gitlab.example.com"}
BUILDING = {
    "server": SERVER,
    "project": "shop/shop",
    "default_ref": "main",
    "build": "",
    "keep": "",
}


def test_a_server_is_added_and_its_secrets_never_come_back(
    company: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    made = browser.post("/build-servers/-/new", FORM)
    assert made.headers["Location"] == "/build-servers/jenkins"
    server = BuildServer.objects.get()
    assert (server.credential, server.hook_secret) == ("token-not-for-eyes", "a-secret-of-jenkins")
    assert server.package_bases == ["https://files.example.com/builds", "https://cdn.example.com/b"]
    for address in ("/build-servers", "/build-servers/jenkins", "/audit"):
        text = browser.get(address).content.decode()
        assert "not-for-eyes" not in text
        assert "a-secret-of-jenkins" not in text
    assert "set; empty keeps it" in browser.get("/build-servers/jenkins").content.decode()


def test_a_form_that_is_refused_keeps_what_was_typed_but_no_secret(
    company: None, admin: Person, visit: Visit
) -> None:
    answer = visit(admin).post("/build-servers/-/new", FORM | {"base_url": "ftp://x"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "The address of a build server is" in text
    assert 'value="ftp://x"' in text
    assert "https://cdn.example.com/b</textarea>" in text
    assert "not-for-eyes" not in text
    assert BuildServer.objects.count() == 0


def test_an_empty_secret_keeps_the_one_that_is_set_and_a_box_forgets_it(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    address = f"/build-servers/{SERVER}"
    browser.post(address, KEPT | {"username": "ci", "credential": "", "hook_secret": ""})
    gitlab.refresh_from_db()
    assert (gitlab.username, gitlab.credential) == ("ci", "glpat-not-for-eyes")
    browser.post(address, KEPT | {"username": "ci", "forget_credential": "1"})
    gitlab.refresh_from_db()
    assert (gitlab.credential, gitlab.hook_secret) == ("", "a-secret-of-webhooks")


def test_a_credential_does_not_follow_to_another_address(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    moved = KEPT | {"base_url": "https://elsewhere.example.com"}
    answer = browser.post(f"/build-servers/{SERVER}", moved)
    assert answer.status_code == 422
    assert "give the credential again." in answer.content.decode()
    gitlab.refresh_from_db()
    assert gitlab.base_url == "https://gitlab.example.com"


def test_others_see_names_only_and_may_change_nothing(
    gitlab: BuildServer, alice: Person, bob: Person, charlie: Person, visit: Visit
) -> None:
    for person in (alice, bob):
        browser = visit(person)
        text = browser.get("/build-servers").content.decode()
        assert SERVER in text
        assert "gitlab.example.com" not in text
        assert browser.get(f"/build-servers/{SERVER}").status_code == 403
        assert browser.get("/build-servers/-/new").status_code == 403
        assert browser.post("/build-servers/-/new", FORM).status_code == 403
        assert browser.post(f"/build-servers/{SERVER}", KEPT).status_code == 403
        assert browser.post(f"/build-servers/{SERVER}/test").status_code == 403
        assert browser.post(f"/build-servers/{SERVER}/delete").status_code == 403
        assert browser.get("/build-servers/nothing").status_code == 403  # no oracle of names
    assert SERVER not in visit(charlie).get("/build-servers").content.decode()
    assert ServerCheck.objects.count() == 0


def test_a_test_shows_what_was_found_when_a_worker_has_looked(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    asked = browser.post(f"/build-servers/{SERVER}/test", {"project": "shop/billing"})
    check = ServerCheck.objects.get()
    assert asked.headers["Location"] == f"/build-servers/{SERVER}?check={check.pk}#test"
    page = browser.get(asked.headers["Location"]).content.decode()
    assert "Waiting for a worker…" in page
    assert 'value="shop/billing"' in page
    assert 'data-refresh="1"' in browser.get(f"/build-servers/-/checks/{check.pk}").content.decode()
    answer_checks(
        Finding(said("GitLab 18.6 is there."), works=True),
        Finding.of(
            "runner",
            "No runner is online for {name}.",
            False,
            hint="Start a runner.",
            name="<b>shop</b>",
        ),
    )
    found = browser.get(f"/build-servers/-/checks/{check.pk}").content.decode()
    assert "It does not work yet." in found
    assert "No runner is online for &lt;b&gt;shop&lt;/b&gt;." in found
    assert "Start a runner." in found
    assert "data-refresh" not in found
    browser.cookies["django_language"] = "zh-hans"
    assert (
        "没有在线的 runner" in browser.get(f"/build-servers/-/checks/{check.pk}").content.decode()
    )


def test_checks_are_for_those_who_manage_servers_and_belong_to_one(
    gitlab: BuildServer, admin: Person, alice: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.post("/build-servers/-/new", FORM)
    browser.post(f"/build-servers/{SERVER}/test")
    check = ServerCheck.objects.get()
    assert visit(alice).get(f"/build-servers/-/checks/{check.pk}").status_code == 403
    other = browser.get(f"/build-servers/jenkins?check={check.pk}").content.decode()
    assert "Waiting for a worker…" not in other
    assert browser.get("/build-servers/jenkins?check=nonsense").status_code == 200


def test_a_server_that_builds_something_is_not_removed(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.post("/build-servers/-/new", FORM)
    browser.post(f"/build-servers/{SERVER}/delete")
    assert "builds services" in browser.get(f"/build-servers/{SERVER}").content.decode()
    browser.post("/build-servers/jenkins/delete")
    assert "is removed." in browser.get("/build-servers").content.decode()
    assert list(BuildServer.objects.values_list("name", flat=True)) == [SERVER]


def test_what_webhooks_told_is_listed_with_what_came_of_it(
    gitlab: BuildServer, admin: Person, dora: Person, charlie: Person, visit: Visit
) -> None:
    drive = make_build()
    now = timezone.now()
    for key in ("1", "2"):
        delivery, _new = take_delivery(
            service=get_service("billing"),
            source="gitlab",
            key=key,
            event="Pipeline Hook",
            ref="main",
            now=now + timedelta(seconds=int(key)),
        )
    finish_delivery(
        delivery_id=delivery.pk,
        outcome=became(drive.build),
        now=now,
        build_id=drive.build_id,
    )
    for person in (admin, dora):
        text = visit(person).get("/build-servers").content.decode()
        assert text.count("Pipeline Hook") == 2
        assert text.count("being looked into") == 1
        assert f"It became {drive.build.version.name}." in text
    assert "Pipeline Hook" not in visit(charlie).get("/build-servers").content.decode()
    assert Delivery.objects.count() == 2


def test_how_a_service_is_built_is_told_to_all_who_see_it(
    gitlab: BuildServer, dora: Person, visit: Visit
) -> None:
    text = visit(dora).get("/services/billing").content.decode()
    for part in (
        SERVER,
        'href="https://gitlab.example.com/shop/billing"',
        "package · dist/app.tar.gz",
        "TARGET=***",
        "30m, 4.0 GB",
        "main, release/*",
        "http://testserver/hooks/gitlab",
        f"that of {SERVER}",
        "every package",
    ):
        assert part in text, part
    assert "a-secret-of-webhooks" not in text
    assert "/services/billing/building" not in text


def test_who_manages_servers_says_who_builds_a_service(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    wish = BUILDING | {
        "build": "package: {path: dist/x.tgz}\r\nsize_limit: 12\r\nrefs: [main]\r\n",
        "hook_secret": "a-secret-of-the-shop",
        "keep": "3",
    }
    answer = browser.post("/services/shop/building", wish)
    assert answer.headers["Location"] == "/services/shop"
    shop = Service.objects.select_related("build_server").get(name="shop")
    assert shop.build_server == gitlab
    assert shop.build == {"package": {"path": "dist/x.tgz"}, "size_limit": 12, "refs": ["main"]}
    assert (shop.hook_secret, shop.keep_versions) == ("a-secret-of-the-shop", 3)
    text = browser.get("/services/shop/building").content.decode()
    assert "a-secret-of-the-shop" not in text
    assert "the newest 3 packages" in browser.get("/services/shop").content.decode()
    browser.post("/services/shop/building", BUILDING | {"forget_secret": "1"})
    shop.refresh_from_db()
    assert (shop.hook_secret, shop.keep_versions) == ("", None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"build": "nonsense: 1"}, "The build settings have no nonsense."),
        ({"build": "- a\n- b"}, "keys"),
        ({"keep": "many"}, "is no number of versions."),
        ({"hook_secret": "short"}, "at least 16 characters"),
        ({"project": ""}, "names its project there."),
    ],
)
def test_settings_that_are_refused_keep_what_was_typed(
    gitlab: BuildServer, admin: Person, visit: Visit, wrong: dict[str, str], said: str
) -> None:
    answer = visit(admin).post("/services/shop/building", BUILDING | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    if "hook_secret" not in wrong:
        assert next(iter(wrong.values())) in text
    assert Service.objects.get(name="shop").build_server is None


def test_a_services_admin_changes_how_but_not_by_whom_it_is_built(
    gitlab: BuildServer, bob: Person, alice: Person, visit: Visit
) -> None:
    browser = visit(bob)
    page = browser.get("/services/billing/building").content.decode()
    assert not re.search(r'name="(server|project)"', page)
    browser.post("/services/billing/building", {"default_ref": "trunk", "build": "timeout: 5m"})
    billing = Service.objects.select_related("build_server").get(name="billing")
    assert (billing.default_ref, billing.build) == ("trunk", {"timeout": "5m"})
    assert (billing.build_server, billing.build_project) == (gitlab, "shop/billing")
    stolen = {"project": "secret/project", "default_ref": "trunk", "build": "timeout: 5m"}
    assert browser.post("/services/billing/building", stolen).status_code == 403
    assert visit(alice).get("/services/billing/building").status_code == 403
