"""No list is cut without a word: it says how many more there are, and leads to them."""

import re

import pytest
from django.utils import timezone

from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service
from slipway.records.catalog.operations import services
from slipway.records.fleet.models import Host, HostState
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, Visit
from tests.interfaces.web.reading import laid_flat

PLAN = "/rollouts/new?kind=upgrade&service=billing&environment=prod"


def options(text: str, field: str) -> list[str]:
    part = laid_flat(text).split(f'<select id="{field}"')[1].split("</select>", maxsplit=1)[0]
    return re.findall(r"<option[^>]*>([^<]*)", part)


@pytest.fixture
def many_versions(living: None) -> list[str]:
    names = [f"1.0.{number}" for number in range(70)]
    for name in names:
        fleet.make_version("billing", name)
    return names


@pytest.fixture
def many_services(living: None) -> None:
    for number in range(30):
        services.create_service(
            name=f"svc-{number:02}", language="go", by=Actor.system(), now=timezone.now()
        )


@pytest.fixture
def many_hosts(living: None) -> None:
    make_hosts(range(10, 70))


def make_hosts(numbers: range) -> None:
    first = Host.objects.get(name="web-1")
    for number in numbers:
        Host.objects.create(
            name=f"node-{number}",
            address=f"10.9.{number // 250}.{number % 250}",
            environment=first.environment,
            key=first.key,
            created_at=timezone.now(),
            host_key="ssh-ed25519 AAAA",
            state=HostState.UNREACHABLE,
            problem=Sentence.of("away", "It is away."),
        )


def test_a_plan_lists_every_service_and_finds_them(
    many_services: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    text = browser.get("/rollouts/new").content.decode()
    assert len(options(text, "service")) == Service.objects.count() + 1
    found = browser.get("/rollouts/new?find_service=SVC-1&service=billing").content.decode()
    assert options(found, "service")[1:] == ["billing", *(f"svc-{n}" for n in range(10, 20))]
    assert "Listed: 11 of 32." in found


def test_a_plan_says_how_many_versions_it_does_not_list_and_finds_them(
    many_versions: list[str], alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    text = browser.get(PLAN).content.decode()
    assert "Listed: 50 of 72." in text
    assert 'name="find_version"' in text
    found = browser.get(f"{PLAN}&find_version=1.0.3").content.decode()
    assert "1.0.3" in options(found, "version")
    assert "1.0.39" in options(found, "version")


def test_what_was_chosen_is_always_listed(
    many_versions: list[str], alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    for more in ("", "&find_version=1.0.3", "&find_version=nothing"):
        text = browser.get(f"{PLAN}&version={V1}{more}").content.decode()
        assert f'<option value="{V1}" selected>' in laid_flat(text)
    compared = browser.get(f"/services/billing/compare?base={V1}&head=1.0.1&find=1.0.69")
    text = compared.content.decode()
    assert f"<option selected>{V1}</option>" in laid_flat(text)
    assert "<option>1.0.69</option>" in laid_flat(text)
    assert "Listed: 3 of 72." in text


def test_hosts_of_a_deploy_are_searched_and_the_chosen_stay(
    many_hosts: None, admin: Person, visit: Visit
) -> None:
    address = f"/rollouts/new?kind=deploy&service=shop&environment=prod&version={V1}"
    text = visit(admin).get(f"{address}&hosts=web-1&find_host=node-3").content.decode()
    text = laid_flat(text)
    assert text.count('type="checkbox" name="hosts"') == 11
    assert 'name="hosts" value="web-1" checked' in text
    assert "Listed: 11 of 62." in text


def test_of_very_many_hosts_the_first_are_listed_and_those_that_are_chosen(
    living: None, admin: Person, visit: Visit
) -> None:
    make_hosts(range(100, 400))
    address = f"/rollouts/new?kind=deploy&service=shop&environment=prod&version={V1}"
    text = laid_flat(visit(admin).get(f"{address}&hosts=web-1&hosts=node-399").content.decode())
    assert text.count('type="checkbox" name="hosts"') == 202
    for name in ("web-1", "node-399"):
        assert f'name="hosts" value="{name}" checked' in text
    assert "Choose all 202 listed" in text
    assert "Listed: 202 of 302. Search for a part of the name of others." in text


def test_the_overview_counts_what_it_does_not_list_and_shows_it_when_asked(
    many_hosts: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    text = browser.get("/").content.decode()
    assert "60 things need a look." in text
    assert text.count('class="link mono" href="/hosts/node-') == 20
    assert "20 of 60 are shown." in text
    assert 'href="/?all=1"' in text
    whole = browser.get("/?all=1").content.decode()
    assert whole.count('class="link mono" href="/hosts/node-') == 60
    assert "are shown." not in whole


def test_a_search_says_how_many_more_there_are(
    many_hosts: None, admin: Person, visit: Visit
) -> None:
    text = visit(admin).get("/find?q=node").content.decode()
    assert 'href="/hosts?where=node">53 more</a>' in text


def test_all_versions_of_a_service_are_reached_from_its_page(
    many_versions: list[str], alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    assert 'href="/services/billing/versions"' in browser.get("/services/billing").content.decode()
    first = browser.get("/services/billing/versions").content.decode()
    [further] = re.findall(r'rel="next" href="([^"]*)"', first)
    second = browser.get(f"/services/billing/versions{further}").content.decode()
    listed = [name for name in [*many_versions, V1] if f">{name}</a>" in first + second]
    assert listed == [*many_versions, V1]
    assert "72 versions" in first
    assert "50 of 72 shown" in first
    assert "22 of 72 shown" in second
    found = browser.get("/services/billing/versions?search=1.0.7").content.decode()
    assert ">1.0.7</a>" in found
    assert ">1.0.8</a>" not in laid_flat(found)


def test_packages_are_narrowed_to_a_service_that_is_searched(
    many_services: None, admin: Person, visit: Visit
) -> None:
    text = visit(admin).get("/packages?find=svc-2&service=billing").content.decode()
    assert text.count("<option") == 1 + 1 + 10
    assert "<option selected>billing</option>" in text


def test_a_comparison_says_how_many_versions_it_does_not_list(
    many_versions: list[str], alice: Person, visit: Visit
) -> None:
    text = visit(alice).get("/services/billing/compare").content.decode()
    assert "Listed: 50 of 72. Search for a part of the name of others." in text
    found = visit(alice).get("/services/billing/compare?find=1.0.7").content.decode()
    assert "<option >1.0.7</option>" in found


def test_the_api_finds_versions(many_versions: list[str], alice: Person) -> None:
    found = alice.get("/services/billing/versions?search=1.0.69").json()
    assert [each["name"] for each in found["items"]] == ["1.0.69"]
