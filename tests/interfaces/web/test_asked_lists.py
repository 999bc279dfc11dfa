"""Lists that are asked in words: in the address, refused beside the field, honest in length."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from slipway.core.words.instances import InstanceStatus
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host, Instance
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat

LISTS = ("/services", "/hosts", "/rollouts", "/services/billing/versions")


@pytest.fixture
def browser(living: None, admin: Person, visit: Visit) -> Client:
    Service.objects.filter(name="billing").update(labels={"team": "data"})
    Host.objects.filter(name="web-1").update(labels={"row": "a"})
    return visit(admin)


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return laid_flat(answer.content.decode())


def field(text: str) -> str:
    [typed] = re.findall(r'id="where" name="where" value="([^"]*)"', text)
    return unescape(typed)


def chips(text: str) -> dict[str, tuple[str, bool]]:
    """What each chip asks for, and whether it is chosen."""
    found = re.findall(r'<a class="chip" href="([^"]*)"( aria-current="true")?>([^<]*?)\s*<', text)
    return {
        label.strip(): (
            parse_qs(urlsplit(unescape(url)).query).get("where", [""])[0],
            bool(current),
        )
        for url, current, label in found
    }


def listed(text: str, kind: str) -> set[str]:
    return set(re.findall(rf'href="/{kind}/([a-z0-9.-]+)"', text.split('id="listed"')[1]))


def test_services_are_asked_for_in_the_address(browser: Client) -> None:
    assert listed(page(browser, "/services"), "services") == {"billing", "shop"}
    assert listed(page(browser, "/services?where=team:data"), "services") == {"billing"}
    assert listed(page(browser, "/services?where=-team:data"), "services") == {"shop"}
    assert "1 of 1 shown" in page(browser, "/services?where=team:data")


def test_hosts_are_asked_for_in_the_address(browser: Client) -> None:
    assert listed(page(browser, "/hosts?where=row:a"), "hosts") == {"web-1"}
    assert listed(page(browser, "/hosts?where=-row:a+env:prod"), "hosts") == {"web-2"}


def test_versions_are_asked_for_in_the_address(browser: Client) -> None:
    assert f">{V1}</a>" in page(browser, "/services/billing/versions?where=state:ready+2h..")
    assert f">{V1}</a>" not in page(browser, "/services/billing/versions?where=-state:ready")


def test_rollouts_that_match_nothing_say_so(browser: Client) -> None:
    assert "No rollout matches." in page(browser, "/rollouts?where=state:failed")
    assert "No rollout matches." not in page(browser, "/rollouts")


@pytest.mark.parametrize("address", LISTS)
def test_what_cannot_be_meant_is_refused_beside_the_field_and_kept(
    browser: Client, address: str
) -> None:
    text = page(browser, f"{address}?where=pay+state:faild")
    assert field(text) == "pay state:faild"
    assert 'aria-invalid="true"' in text
    assert "<b>“state:faild”: there is no faild here.</b>Allowed: " in text
    assert "shown</span>" not in text
    assert 'href="/services/shop"' not in text


REFUSED = ("%00", '"', "x" * 2000, ":", "a+" * 50)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("where", [*REFUSED, "%F0%9F", "<b>"])
def test_whatever_is_asked_has_an_answer(browser: Client, address: str, where: str) -> None:
    text = page(browser, f"{address}?where={where}&after=%00&before=nonsense")
    assert ('aria-invalid="true"' in text) == (where in REFUSED)
    assert ("shown</span>" in text) == (where not in REFUSED)
    assert "<b>x" not in text


def test_a_refusal_is_said_in_the_readers_language(browser: Client) -> None:
    answer = browser.get("/hosts?where=state:faild", headers={"Accept-Language": "zh-Hans"})
    assert "“state:faild”：这里没有 faild。" in answer.content.decode()


def test_a_chip_puts_its_word_beside_what_was_typed(browser: Client) -> None:
    found = chips(page(browser, "/services?where=team:data+state:locked"))
    assert found["All"] == ("label:team=data", False)
    assert found["Attention"] == ("label:team=data state:attention", False)
    assert found["Locked"] == ("label:team=data state:locked", True)
    assert chips(page(browser, "/hosts"))["Every state"] == ("", True)
    for where in ("-state:ok", "state:ok+state:unknown"):  # no chip says that: nor does this one
        found = chips(page(browser, f"/hosts?where={where}"))
        assert found["Every state"] == ("", False)
        assert found["Every environment"][1]
    assert chips(page(browser, "/hosts?where=env:prod"))["prod"] == ("environment:prod", True)


@pytest.mark.parametrize("address", ["/services", "/hosts", "/rollouts"])
def test_a_label_that_nothing_has_is_told(browser: Client, address: str) -> None:
    text = page(browser, f"{address}?where=stat:failed+-label:gone")
    assert "Nothing here has a label of that name: stat<" in text


def test_a_label_that_something_has_is_not_told(browser: Client) -> None:
    assert "of that name" not in page(browser, "/services?where=team:nobody")
    assert "of that name" not in page(browser, "/hosts?where=row:z")


def test_as_many_are_counted_as_are_found(browser: Client) -> None:
    Instance.objects.filter(service__name="billing").update(
        status=InstanceStatus.UPGRADE_FAILED, seen_at=timezone.now()
    )
    text = page(browser, "/services?where=state:attention")
    assert listed(text, "services") == {"billing"}
    assert re.search(r'aria-current="true">Attention<b>1</b>', text)


def test_addresses_from_before_still_lead_there(browser: Client) -> None:
    assert (
        field(page(browser, "/services?search=bil+ling&show=locked")) == '"bil ling" state:locked'
    )
    assert field(page(browser, "/hosts?environment=prod")) == "environment:prod"
    assert field(page(browser, "/rollouts?service=billing&state=halted")) == (
        "service:billing state:halted"
    )


PLAN = "/rollouts/new?kind=restart&service=billing&environment=prod"


def test_hosts_of_a_plan_are_chosen_by_what_they_have_in_common(browser: Client) -> None:
    text = page(browser, f"{PLAN}&where=row:a")
    assert "Restart on 1 host" in text
    assert 'name="where" value="row:a"' in text
    assert "Restart on 2 hosts" in page(browser, PLAN)


def test_instances_of_a_plan_are_named(browser: Client) -> None:
    place = Instance.objects.get(service__name="billing", host__name="web-2")
    text = page(browser, f"{PLAN}&instances=web-2:{place.port}")
    assert "Restart on 1 host" in text
    assert f'name="instances" value="web-2:{place.port}"' in text


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("row:b", "No host of billing in prod is so: label:row=b"),
        ("state:faild", "“state:faild”: there is no faild here."),
        ("row:a&hosts=web-1", "Hosts are chosen by their names, or by what they have in common"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_and_kept(
    browser: Client, where: str, said: str
) -> None:
    text = page(browser, f"{PLAN}&where={where}")
    assert said in text
    assert f'name="where" value="{where.split("&", maxsplit=1)[0]}"' in text
    assert 'id="start"' not in text


def test_mine_is_what_the_reader_has_done(browser: Client, alice: Person, visit: Visit) -> None:
    """One link on lists of services and rollouts; the same word finds another one's for others."""
    for address in ("/services", "/rollouts"):
        assert chips(page(browser, f"{address}?where=team:data"))["Mine"] == (
            "label:team=data by:me",
            False,
        )
        assert chips(page(browser, f"{address}?where=team:data+by:me"))["Mine"] == (
            "label:team=data",
            True,
        )
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert listed(page(browser, "/services?where=by:me"), "services") == set()
    assert listed(page(visit(alice), "/services?where=by:me"), "services") == {"billing"}
    assert "1 of 1 shown" in page(visit(alice), "/rollouts?where=by:me")
    assert "No rollout matches." in page(browser, "/rollouts?where=by:me")
