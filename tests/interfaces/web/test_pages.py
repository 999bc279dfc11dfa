"""Every page opens for whoever may see it, and says what there is to say."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from tests.interfaces.people import PASSWORD, Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive

PAGES = (
    "/",
    "/services",
    "/services/billing",
    "/services/billing/versions",
    f"/services/billing/versions/{V1}",
    "/services/billing/build",
    "/services/billing/compare",
    f"/services/billing/compare?base={V1}&head={V2}",
    "/builds",
    "/build-servers",
    "/packages",
    "/rollouts",
    "/rollouts/new",
    "/rollouts/new?service=billing&environment=prod",
    "/hosts",
    "/hosts/web-1",
    "/hosts/web-1/change",
    "/environments",
    "/environments/prod",
    "/environments/prod/change",
    "/audit",
    "/me",
    "/find?q=bill",
)

# For whoever manages them.
MANAGED = (
    "/environments/-/new",
    "/keys",
    "/hosts/-/new",
    "/hosts/-/import",
    "/services/-/new",
    "/services/billing/change",
    "/services/billing/spec",
    "/services/billing/versions/-/new",
    "/people",
    "/people/-/new",
    "/people/anna",
    "/people/-/may",
    "/people/-/may?action=deploy&service=billing&environment=prod",
    "/system",
)


@pytest.mark.parametrize("address", [*PAGES, *MANAGED])
def test_a_stranger_is_sent_to_the_login_page(company: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_in_both_languages(
    living: None, visit: Visit, address: str, language: str
) -> None:
    olga = person("olga", ("deployer", "billing", ""), ("viewer", "", ""))
    browser = visit(olga)
    browser.cookies["django_language"] = language
    answer = browser.get(address)
    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.content.decode()
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_somebody_signs_in_and_lands_where_they_wanted_to_go(alice: Person) -> None:
    browser = Client()
    form = {"username": "alice", "password": PASSWORD, "next": "/services/billing"}
    answer = browser.post("/login", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/services/billing")
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_nobody_is_sent_to_another_site_after_signing_in(alice: Person, elsewhere: str) -> None:
    form = {"username": "alice", "password": PASSWORD, "next": elsewhere}
    assert Client().post("/login", form).headers["Location"] == "/"


def test_a_wrong_password_is_said_and_the_name_is_kept(alice: Person) -> None:
    answer = Client().post("/login", {"username": "alice", "password": "wrong"})
    text = answer.content.decode()
    assert answer.status_code == 401
    assert "The name or the password is wrong." in text
    assert 'value="alice"' in text
    assert 'value="wrong"' not in text


def test_signing_out_ends_the_session(alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    assert browser.get("/logout").status_code == 405
    browser.post("/logout")
    assert browser.get("/").status_code == 302


def test_the_matrix_shows_version_ticks_and_who(living: None, alice: Person, visit: Visit) -> None:
    text = visit(alice).get("/services").content.decode()
    assert "main-1111111" in text
    assert text.count('class="tick is-ok"') == 2
    assert "shop" not in text  # Alice has no right there


def test_a_running_rollout_shows_in_matrix_overview_and_service(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    browser = visit(alice)
    for address in ("/services", "/", "/services/billing", "/services?show=running"):
        assert f"/rollouts/{rollout.pk}" in browser.get(address).content.decode(), address
    assert "billing" not in browser.get("/services?show=locked").content.decode()


def test_a_failed_instance_wants_attention(living: None, alice: Person, visit: Visit) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    browser = visit(alice)
    assert "billing" in browser.get("/services?show=attention").content.decode()
    home = browser.get("/").content.decode()
    assert "1 thing needs a look." in home  # the rollout, which tells of its instance
    assert "upgrade failed" in browser.get("/services/billing").content.decode()


def test_a_withdrawn_version_is_marked_and_cleared_by_who_may_deploy(
    living: None, alice: Person, visit: Visit
) -> None:
    browser, page = visit(alice), f"/services/billing/versions/{V1}"
    asked = {"environment": "prod", "reason": "it leaks"}
    assert browser.post(f"{page}/withdraw", asked).status_code == 302
    text = browser.get(page).content.decode()
    assert "Withdrawn in prod" in text
    assert "it leaks" in text
    assert "withdrawn in prod" in browser.get("/services/billing").content.decode()
    browser.post(f"{page}/clear", {"environment": "prod"})
    assert "Withdrawn in prod" not in browser.get(page).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_fleet(
    living: None,
    admin: Person,
    visit: Visit,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    fleet.add_hosts("prod", *(f"many-{number}" for number in range(30)))
    fleet.reach_hosts(*fleet.hosts_of("prod"))
    hosts = tuple(name for name in fleet.hosts_of("prod") if name.startswith("many"))
    fleet.run(Actor.system(), "deploy", "shop", "prod", V1, hosts=hosts, port=9090)
    rollout = fleet.begin(admin.actor, "restart", "shop", "prod")
    browser = visit(admin)
    budgets = {
        "/": 33,  # nine are of the first steps, which end
        "/services": 22,
        "/services/shop": 25,
        "/packages": 15,
        "/hosts": 8,
        "/audit": 8,
        "/rollouts": 9,
        f"/rollouts/{rollout.pk}": 13,  # one is of what such rollouts took before
    }
    for address, budget in budgets.items():
        with django_assert_max_num_queries(budget):
            assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/services/nothing", 404),
        ("/services/shop", 404),  # there, but not for Alice
        ("/services/billing/versions/nothing", 404),
        ("/rollouts/999999", 404),
        ("/rollouts/99999999999999999999999", 404),
        ("/rollouts/1/events?after=x", 404),
        ("/hosts/nothing", 404),
        ("/builds/999999", 404),
        ("/builds/1/log?start=x", 404),
        ("/build-servers/nothing", 403),
        ("/build-servers/-/checks/nonsense", 404),
        ("/services/shop/build", 404),
        ("/services/billing/compare?base=%00&head=%00", 404),
        ("/packages?service=%00", 404),
        ("/nothing", 404),
        ("/services?page=99999999999999999999", 200),
        ("/audit?older=99999999999999999999&days=x", 200),
        ("/services?search=%00", 200),
        ("/find?q=%00", 200),
        ("/find?q=999999999999999999999999", 200),
        ("/rollouts?service=%00&state=nonsense", 200),
        ("/rollouts/new?service=%00", 404),
        ("/rollouts/new?service=billing&environment=prod&kind=nonsense&version=nothing", 200),
    ],
)
def test_an_odd_address_gets_an_answer(
    company: None, alice: Person, visit: Visit, address: str, status: int
) -> None:
    assert visit(alice).get(address).status_code == status


def test_the_package_of_a_version_is_not_for_those_who_may_not_see_it(
    living: None, charlie: Person, visit: Visit
) -> None:
    answer = visit(charlie).get(f"/services/billing/versions/{V1}/package")
    assert answer.status_code == 404


def test_the_looks_are_kept_with_the_person(alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    answer = browser.post("/me/looks", {"theme": "dark", "next": "/services"})
    assert answer.headers["Location"] == "/services"
    browser.post("/me/looks", {"language": "zh-hans"})
    text = browser.get("/services").content.decode()
    assert 'data-theme="dark"' in text
    assert "服务" in text
    browser.post("/me/looks", {"theme": "system"})
    assert "data-theme=" not in browser.get("/services").content.decode().split(">", 2)[1]


def test_a_token_is_shown_once_and_can_be_revoked(alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    form = {"name": "ci", "role": "deployer", "service": "billing", "days": "30"}
    made = browser.post("/me/tokens", form).content.decode()
    secret = made.split('<code id="secret">')[1].split("<")[0]
    assert secret.startswith("slw_")
    assert secret not in browser.get("/me").content.decode()
    prefix = secret.split("_")[1]
    browser.post(f"/me/tokens/{prefix}/revoke")
    assert f"slw_{prefix}" not in browser.get("/me").content.decode()


def test_a_token_form_that_is_refused_keeps_what_was_typed(alice: Person, visit: Visit) -> None:
    form = {"name": "x" * 65, "role": "deployer", "service": "billing", "days": "30"}
    answer = visit(alice).post("/me/tokens", form)
    assert answer.status_code == 422
    assert "x" * 65 in answer.content.decode()
