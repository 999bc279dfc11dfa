"""The page of a service shows what is not well whole, and the rest of its places host by host."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Instance
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat

PAGE = "/services/billing"
V9 = "20261129T101502-main-9{number:06}"


@pytest.fixture
def many(living: None) -> None:
    """prod runs billing on 118 more hosts, one of which is ill."""
    names = tuple(f"many-{number}" for number in range(118))
    fleet.add_hosts("prod", *names)
    fleet.reach_hosts(*names)
    fleet.run(Actor.system(), "deploy", "billing", "prod", V1, hosts=names, port=8080)
    Instance.objects.filter(host__name="many-99").update(seen_version="", healthy=False)


def panel(text: str, name: str = "prod") -> str:
    found = text.split(f'<section class="panel" id="{name}">')[1]
    return found.split("</section>", maxsplit=1)[0]


def shown(visit: Visit, who: Person, page: str = PAGE) -> str:
    return laid_flat(visit(who).get(page).content.decode())


def rows(text: str) -> list[str]:
    return re.findall(r'class="link mono" href="/hosts/([^"]*)"', text)


def cells(text: str) -> list[str]:
    """Return the hosts below the table, and their ports."""
    found = re.findall(r"<li>(<a class=\"at\".*?)</li>", text)
    return [re.sub(r"<[^>]*>", "", each) for each in found]


def test_of_many_instances_those_that_are_not_well_are_rows_and_others_stand_by_host(
    many: None, alice: Person, visit: Visit
) -> None:
    text = shown(visit, alice)
    assert text.index('<section class="panel" id="prod">') < text.index('id="dev">')
    prod = panel(text)
    assert rows(prod) == ["many-99"]
    assert len(cells(prod)) == 96
    assert cells(prod)[:2] == ["many-0:8080", "many-1:8080"]
    assert 'title="many-0:8080 · ' in prod
    assert "97 of 120 are shown. The others are as they should be." in prod
    whole = panel(shown(visit, alice, f"{PAGE}?all=prod"))
    assert (len(rows(whole)), cells(whole)) == (120, [])
    assert rows(whole)[0] == "many-99"
    assert "are shown." not in whole


def test_where_all_are_ill_the_page_is_as_short_and_does_not_say_that_they_are_well(
    many: None, alice: Person, visit: Visit
) -> None:
    Instance.objects.update(seen_version="", healthy=False)
    prod = panel(shown(visit, alice))
    assert (len(rows(prod)), len(cells(prod))) == (12, 96)
    assert "108 of 120 are shown." in prod
    assert "as they should be" not in prod
    assert prod.count('class="tick is-fail"') >= 96


def test_few_instances_are_all_rows(living: None, alice: Person, visit: Visit) -> None:
    prod = panel(shown(visit, alice))
    assert (rows(prod), cells(prod)) == (["web-1", "web-2"], [])
    assert "?all=" not in prod


def test_several_on_one_host_stand_together_and_say_which_version_where_they_differ(
    many: None, alice: Person, visit: Visit
) -> None:
    hosts = ("many-0", "many-1")
    fleet.run(Actor.system(), "deploy", "billing", "prod", V2, hosts=hosts, port=8081)
    prod = cells(panel(shown(visit, alice)))
    assert prod[0] == "many-0:8080main-1111111:8081main-2222222"
    assert len(prod) == 94


def test_what_runs_is_among_the_versions_however_old_it_is(
    living: None, alice: Person, visit: Visit
) -> None:
    names = [V9.format(number=number) for number in range(11)]
    for name in names:
        fleet.make_version("billing", name)
    text = shown(visit, alice).split('id="versions"')[1].split("</section>")[0]
    listed = re.findall(r'href="/services/billing/versions/([^"]*)"', text)
    assert listed == [*reversed(names[3:]), V1]
    assert "9 of 13 shown" in text
    assert "runs on 2 instances" in text.split("<tr>")[-1]


def test_the_number_of_queries_does_not_grow_with_the_places(
    living: None, admin: Person, visit: Visit
) -> None:
    browser, counts = visit(admin), []
    names = tuple(f"more-{number}" for number in range(40))
    fleet.add_hosts("prod", *names)
    fleet.reach_hosts(*names)
    for some in (names[:20], names[20:]):
        fleet.run(Actor.system(), "deploy", "billing", "prod", V1, hosts=some, port=8080)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(PAGE).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 26
