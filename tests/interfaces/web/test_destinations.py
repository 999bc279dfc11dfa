"""A version says where it may go: each environment with the step there, or what keeps it away and
who may; the API says the same."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.environments import create_environment
from slipway.records.fleet.operations.windows import add_window
from slipway.records.rollouts.models import Lock
from slipway.records.rollouts.operations.locks import lock_service
from slipway.records.rollouts.operations.withdrawals import withdraw_version
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat

PAGE = f"/services/billing/versions/{V2}"


@pytest.fixture
def ahead(living: None) -> None:
    """dev has V2, prod V1."""
    fleet.run(Actor.system(), "deploy", "billing", "dev", V2, hosts=("dev-1",), port=8080)


def rows(visit: Visit, who: Person, page: str = PAGE) -> dict[str, str]:
    """Return what the page says of each environment, as one line of markup."""
    text = laid_flat(visit(who).get(page).content.decode())
    if 'id="destinations"' not in text:
        return {}
    panel = text.split('id="destinations"')[1].split("</section>", maxsplit=1)[0]
    found = [each.split("</li>", maxsplit=1)[0] for each in panel.split("<li>")[1:]]
    return {re.findall(r'class="tag">([^<]*)', each)[0]: each for each in found}


def told(who: Person, version: str = V2) -> dict[str, dict[str, Any]]:
    items = who.get(f"/services/billing/versions/{version}/destinations").json()["items"]
    return {each["environment"]: each for each in items}


def codes(who: Person, environment: str) -> list[str]:
    return [each["code"] for each in told(who)[environment]["refused"]]


def lock(who: Person) -> Lock:
    billing, prod = Service.objects.get(name="billing"), Environment.objects.get(name="prod")
    return lock_service(
        service=billing,
        environment=prod,
        reason="load test",
        until=None,
        by=who.actor,
        now=timezone.now(),
    )


def test_where_it_runs_and_where_it_may_go_is_said_with_the_step(
    ahead: None, alice: Person, visit: Visit
) -> None:
    found = rows(visit, alice)
    assert list(found) == ["dev", "prod"]
    assert ("It runs there now." in found["dev"], "/rollouts/new" in found["dev"]) == (True, False)
    plan = f"/rollouts/new?kind=upgrade&amp;service=billing&amp;environment=prod&amp;version={V2}"
    assert "Nothing stands against it." in found["prod"]
    assert f'<a class="btn tiny" href="{plan}">' in found["prod"]
    assert "To prod" in found["prod"]
    dev, prod = told(alice).values()
    assert (dev["open"], dev["runs"], dev["instances"]) == (False, 1, 1)
    assert (prod["open"], prod["runs"], prod["refused"], prod["warned"]) == (True, 0, [], [])


def test_what_comes_now_and_what_runs_on_some_is_told(
    ahead: None, alice: Person, visit: Visit
) -> None:
    fleet.run(Actor.system(), "upgrade", "billing", "prod", V2, hosts=("web-1",))
    found = rows(visit, alice)["prod"]
    assert "1 of 2 instances there runs it." in found
    assert told(alice)["prod"]["open"] is True
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    found = rows(visit, alice)["prod"]
    assert "A rollout brings it there now." in found
    assert f'href="/rollouts/{rollout.pk}"' in found
    assert (told(alice)["prod"]["open"], told(alice)["prod"]["rollout"]) == (False, rollout.pk)
    assert f'href="/rollouts/{rollout.pk}"' in rows(visit, alice, PAGE.replace(V2, V1))["prod"]
    other = told(alice, V1)["prod"]
    assert [each["code"] for each in other["refused"]] == ["active_rollout"]


def test_what_is_later_there_or_was_withdrawn_warns_and_may_go_all_the_same(
    ahead: None, alice: Person, visit: Visit
) -> None:
    version, dev = Version.objects.get(name=V1, service__name="billing"), "dev"
    found = rows(visit, alice, PAGE.replace(V2, V1))
    assert f"dev runs {V2}, which was made later." in found[dev]
    assert "To dev" in found[dev]
    withdraw_version(
        version=version,
        environment=Environment.objects.get(name=dev),
        reason="it leaks",
        by=alice.actor,
        now=timezone.now(),
    )
    assert f"{V1} is withdrawn in dev." in rows(visit, alice, PAGE.replace(V2, V1))[dev]
    warned = told(alice, V1)[dev]
    assert (warned["open"], warned["refused"]) == (True, [])
    assert [each["code"] for each in warned["warned"]] == ["withdrawn", "later_there"]


def test_who_may_not_reads_who_may_and_finds_no_step(
    ahead: None, alice: Person, dora: Person, visit: Visit
) -> None:
    found = rows(visit, dora)
    assert "dora may not release billing in prod. " in re.sub(r"<[^>]*>", " ", found["prod"])
    assert "Ask somebody who may: alice" in found["prod"]
    assert "/rollouts/new" not in "".join(found.values())
    assert codes(dora, "prod") == ["forbidden"]
    only_dev = person("eve", ("deployer", "billing", "dev"))
    assert list(rows(visit, only_dev)) == ["dev"]  # of prod she may not even hear
    assert list(told(only_dev)) == ["dev"]


def test_a_lock_keeps_others_away_and_its_holder_not(
    ahead: None, alice: Person, visit: Visit
) -> None:
    bob = person("bob", ("admin", "billing", ""))
    lock(bob)
    found = rows(visit, alice)["prod"]
    assert "billing in prod is locked by bob since" in found
    assert "load test" in found
    assert "/rollouts/new" not in found
    assert 'class="btn primary" href="/rollouts/new' not in laid_flat(
        visit(alice).get(PAGE).content.decode()
    )
    assert (codes(alice, "prod"), codes(bob, "prod")) == (["locked"], [])
    assert "Nothing stands against it." in rows(visit, bob)["prod"]


def test_what_a_rollout_locked_is_open_to_all_but_what_was_withdrawn(
    ahead: None, alice: Person
) -> None:
    rollout = fleet.run(alice.actor, "restart", "billing", "prod")
    left = lock(alice)
    Lock.objects.filter(pk=left.pk).update(holder=None, rollout=rollout)
    assert codes(alice, "prod") == []
    withdraw_version(
        version=Version.objects.get(name=V2, service__name="billing"),
        environment=Environment.objects.get(name="prod"),
        reason="it leaks",
        by=alice.actor,
        now=timezone.now(),
    )
    assert codes(alice, "prod") == ["locked"]


def test_the_rules_of_an_environment_are_told_with_where_they_are(
    ahead: None, alice: Person, visit: Visit
) -> None:
    prod, now = Environment.objects.get(name="prod"), timezone.now()
    until = (now + timedelta(hours=1)).isoformat()
    add_window(
        environment=prod,
        begin=now.isoformat(),
        until=until,
        reason="sale",
        by=Actor.system(),
        now=now,
    )
    Environment.objects.filter(name="prod").update(named_user_needed=True, approvals_needed=1)
    assert codes(alice, "prod") == ["user_needed", "approval_needed", "freeze_window"]
    found = rows(visit, alice)["prod"]
    assert "sale" in found
    assert "would run as root" in found
    assert 'href="/environments/prod"' in found
    Service.objects.filter(name="billing").update(spec={"user": "app"})
    assert codes(alice, "prod") == ["approval_needed", "freeze_window"]


def test_what_cannot_go_anywhere_says_so_in_the_api_and_once_on_its_page(
    ahead: None, alice: Person, visit: Visit
) -> None:
    with rules_away(connection):
        Package.objects.filter(versions__name=V2).update(removed_at=timezone.now())
    assert codes(alice, "prod") == ["version_not_ready"]
    assert rows(visit, alice) == {}


def test_the_number_of_queries_does_not_grow_with_the_environments(
    ahead: None, dora: Person, visit: Visit
) -> None:
    browser, counts = visit(dora), []
    for number in range(3):
        create_environment(
            name=f"more-{number}", order=50 + number, by=Actor.system(), now=timezone.now()
        )
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(PAGE).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1
