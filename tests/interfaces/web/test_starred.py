"""A person's starred services come first: on home, in the list of services, in its grammar."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, StarredService
from slipway.records.catalog.operations.services import create_service
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat

TEAMS = {"aa": "x", "bb": "x", "cc": "y", "dd": "", "zz": "x"}


@pytest.fixture
def teams(living: None) -> None:
    """Five more services, three of team x, one of y, one of none."""
    for name, team in TEAMS.items():
        labels = {"team": team} if team else {}
        create_service(
            name=name, language="go", labels=labels, by=Actor.system(), now=timezone.now()
        )


def page(visit: Visit, who: Person, address: str = "/services") -> str:
    return laid_flat(visit(who).get(address).content.decode())


def names(text: str) -> list[str]:
    return re.findall(r'<a class="name" href="/services/([^"]*)"', text)


def headings(text: str) -> list[str]:
    found = re.findall(r'<tr class="group">(.*?)</tr>', text)
    return [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]


def star(who: Person, *services: str) -> None:
    for name in services:
        assert who.post(f"/services/{name}/star", {}).json()["starred"] is True


def test_what_is_starred_comes_first_and_once(teams: None, admin: Person, visit: Visit) -> None:
    text = page(visit, admin)
    assert names(text) == ["aa", "bb", "zz", "cc", "billing", "dd", "shop"]
    assert headings(text) == ["x 3 services", "y 1 service", "no team 3 services"]
    star(admin, "zz", "dd")
    text = page(visit, admin)
    assert names(text) == ["dd", "zz", "aa", "bb", "cc", "billing", "shop"]
    assert headings(text)[0] == "Starred 2 services"
    assert "7 of 7 shown" in text
    assert names(page(visit, admin, "/services?where=is:starred")) == ["dd", "zz"]
    assert names(page(visit, admin, "/services?where=-is:starred")) == [
        *("aa", "bb", "cc", "billing", "shop")
    ]
    assert names(page(visit, admin, "/services?where=team:x")) == ["zz", "aa", "bb"]
    assert headings(page(visit, admin, "/services?where=team:x b")) == ["x 1 service"]


def test_further_pages_neither_repeat_nor_miss_them(
    teams: None, admin: Person, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slipway.interfaces.web.frame.pages.PAGE", 3)
    star(admin, "zz")
    address, seen = "/services", []
    while address:
        text = page(visit, admin, address)
        seen.append(names(text))
        onward = re.findall(r'rel="next" href="([^"]*)"', text)
        address = f"/services{onward[0]}" if onward else ""
    assert seen == [["zz", "aa", "bb", "cc"], ["billing", "dd", "shop"]]
    assert "3 of 7 shown" in text


def test_a_star_is_set_and_taken_by_its_button_and_is_that_persons_alone(
    teams: None, admin: Person, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    assert 'aria-pressed="false"' in page(visit, alice, "/services/billing")
    form = {"next": "/services?where=billing"}
    for _ in range(2):  # safe to repeat
        answer = browser.post("/services/billing/star", form)
        assert answer.headers["Location"] == "/services?where=billing"
    assert StarredService.objects.count() == 1
    assert "billing is starred: take the star away" in page(visit, alice)
    assert "/services/billing/unstar" in page(visit, alice, "/services/billing")
    assert "is starred" not in page(visit, admin)
    for _ in range(2):
        answer = browser.post("/services/billing/unstar", {"next": "https://elsewhere.example"})
        assert answer.headers["Location"] == "/services/billing"
    assert not StarredService.objects.exists()


def test_home_shows_the_starred_first_with_how_they_stand(
    living: None, admin: Person, alice: Person, visit: Visit
) -> None:
    assert 'id="starred"' not in page(visit, admin, "/")
    star(admin, "billing")
    text = page(visit, admin, "/").split('id="starred"')[1].split("</section>")[0]
    assert 'href="/services/billing"' in text
    assert "main-1111111" in text
    assert "In order" in text
    assert 'id="starred"' not in page(visit, alice, "/")


def test_of_many_starred_home_says_that_there_are_more(
    living: None, admin: Person, visit: Visit
) -> None:
    for number in range(13):
        create_service(
            name=f"svc-{number:02}", language="go", by=Actor.system(), now=timezone.now()
        )
        star(admin, f"svc-{number:02}")
    text = page(visit, admin, "/").split('id="starred"')[1].split("</section>")[0]
    assert text.count('<a class="link" href="/services/svc-') == 12
    assert "There are more." in text


def test_who_may_see_a_service_no_more_sees_no_star_of_it(
    living: None, alice: Person, visit: Visit
) -> None:
    shop = Service.objects.get(name="shop")
    StarredService.objects.create(user=alice.user, service=shop, created_at=timezone.now())
    assert names(page(visit, alice)) == ["billing"]
    assert 'id="starred"' not in page(visit, alice, "/")
    assert alice.post("/services/shop/star", {}).status_code == 404
    assert visit(alice).post("/services/shop/star").status_code == 404


def test_the_api_says_and_finds_what_is_starred(teams: None, admin: Person, alice: Person) -> None:
    star(admin, "cc")
    found = admin.get("/services?where=is:starred").json()["items"]
    assert [(each["name"], each["starred"]) for each in found] == [("cc", True)]
    assert admin.get("/services/aa").json()["starred"] is False
    assert alice.get("/services?where=is:starred").json()["items"] == []
    assert admin.post("/services/cc/unstar", {}).json()["starred"] is False
    refused = admin.get("/services?where=is:mine")
    assert refused.status_code == 422
    assert "starred" in refused.content.decode()


def test_a_starred_service_can_be_removed(teams: None, admin: Person) -> None:
    star(admin, "dd")
    assert admin.delete("/services/dd").status_code == 200
    assert not StarredService.objects.exists()


def test_stars_and_teams_cost_no_query_for_each(teams: None, admin: Person, visit: Visit) -> None:
    browser, counts = visit(admin), []
    for name in ("aa", "bb"):
        star(admin, name)
        for address in ("/services", "/"):
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
