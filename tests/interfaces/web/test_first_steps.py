"""Home leads from nothing to the first release and back; each step is told from what is there."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from slipway.core.words.kinds import RolloutStatus
from slipway.ports import (
    HostDenied,
    HostGarbled,
    HostIncapable,
    HostKeyChanged,
    HostTrouble,
    HostUnreachable,
    OursAtFault,
)
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host, HostCheck, HostState, Instance
from slipway.records.fleet.operations.checks import claim_checks, finish_check
from slipway.records.fleet.operations.looks import HostLook, record_looks
from slipway.records.rollouts.ask.beginnings import PRACTISED
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat

STEPS = ("Environment", "SSH key", "First host", "Service", "Version", "Release", "And back")


def home(browser: Client, address: str = "/") -> str:
    return laid_flat(browser.get(address).content.decode())


def test_an_empty_installation_begins_with_its_environment(db: None, visit: Visit) -> None:
    page = home(visit(person("first", is_superuser=True)))
    assert "Step 1 of 7: Environment" in page
    assert "0 of 7 done" in page
    assert all(f"<h3>{title}</h3>" in page for title in STEPS)
    assert page.count('aria-current="step"') == 1
    assert "/environments/-/new" in page


def test_each_step_opens_when_the_one_before_is_there(db: None, visit: Visit) -> None:
    browser = visit(person("first", is_superuser=True))
    browser.post("/environments/-/new", {"name": "test"})
    page = home(browser)
    assert "Step 2 of 7: SSH key" in page
    assert "test · batches 1 25%" in page
    browser.post("/keys", {"name": "default", "how": "made"})
    assert "Step 3 of 7: First host" in home(browser)
    form = {"name": "web-1", "address": "10.0.0.1", "environment": "test", "learn_key": "1"}
    browser.post("/hosts/-/new", form)
    page = home(browser)
    assert "web-1 is being checked…" in page
    assert "Check again" not in page
    fleet.reach_hosts("web-1")
    page = home(browser)
    assert "Step 4 of 7: Service" in page
    assert "web-1 · Debian 12 · x86_64 · /opt/slipway" in page
    browser.post("/services/-/new", {"name": "hello"})
    assert "/services/hello/versions/-/new" in home(browser)
    fleet.make_version("hello", V1)
    page = home(browser)
    assert "Step 6 of 7: Release" in page
    assert "/rollouts/new?kind=deploy&amp;service=hello&amp;environment=test" in page


def test_what_is_taken_away_is_open_again(db: None, visit: Visit) -> None:
    browser = visit(person("first", is_superuser=True))
    browser.post("/environments/-/new", {"name": "test"})
    browser.post("/keys", {"name": "default", "how": "made"})
    form = {"name": "web-1", "address": "10.0.0.1", "environment": "test"}
    browser.post("/hosts/-/new", form)
    fleet.reach_hosts("web-1")
    assert "Step 4 of 7" in home(browser)
    browser.post("/hosts/web-1/remove")
    assert "Step 3 of 7: First host" in home(browser)


def test_the_first_host_stays_the_first_when_others_are_added(db: None, visit: Visit) -> None:
    browser = visit(person("first", is_superuser=True))
    browser.post("/environments/-/new", {"name": "test"})
    browser.post("/keys", {"name": "default", "how": "made"})
    for name in ("web-9", "web-1"):
        browser.post("/hosts/-/new", {"name": name, "address": name, "environment": "test"})
    assert 'href="/hosts/web-9"' in home(browser)
    fleet.reach_hosts("web-9", "web-1")
    page = home(browser)
    assert "web-9 · Debian 12" in page
    assert "web-1" not in page
    Host.objects.filter(name="web-9").update(state=HostState.UNREACHABLE)
    assert "web-1 · Debian 12" in home(browser), "one that is well will do"


@pytest.fixture
def refused(db: None, visit: Visit) -> Client:
    """A browser where the only host does not let us in."""
    browser = visit(person("first", is_superuser=True))
    browser.post("/environments/-/new", {"name": "test"})
    browser.post("/keys", {"name": "default", "how": "made"})
    form = {"name": "web-1", "address": "10.0.0.1", "user": "deploy", "environment": "test"}
    browser.post("/hosts/-/new", {**form, "learn_key": "1"})
    look(HostDenied("{host} does not let {user} in.", host="web-1", user="deploy"))
    return browser


def look(problem: HostTrouble) -> None:
    """Let what was asked for be looked at, and end so."""
    for check in claim_checks(worker="test", limit=10, now=timezone.now()):
        finish_check(
            check=check,
            facts=None,
            host_key="ssh-ed25519 AAAA",
            problem=problem,
            now=timezone.now(),
        )


def test_a_host_that_is_not_ready_says_how_far_it_came_and_what_helps(refused: Client) -> None:
    page = home(refused)
    assert "Step 3 of 7: web-1 does not let deploy in." in page
    assert "It answers, and its key is learnt" in page
    assert "Login as deploy" in page
    assert page.count('<li class="is-ok">') == 1  # nothing is green that was not tried
    assert page.count('<li class="is-fail">') == 1
    key = Host.objects.select_related("key").get(name="web-1").key.public_key
    assert f"{key}&#x27; &gt;&gt; ~/.ssh/authorized_keys" in page


def test_a_host_that_was_mended_is_found_so_by_itself(refused: Client) -> None:
    page = home(refused)
    assert "It is looked at again by itself about once a minute" in page
    host = Host.objects.get(name="web-1")
    now = timezone.now()
    record_looks(looks=[HostLook(host.pk, now, None, {}, fleet.FACTS)], now=now)
    page = home(refused)
    assert "Step 4 of 7: Service" in page
    assert "web-1 · Debian 12 · x86_64 · /opt/slipway · 120 GB free" in page


@pytest.mark.parametrize(
    ("trouble", "answers", "login"),
    [
        (HostDenied, "ok", "fail"),
        (HostUnreachable, "fail", "wait"),
        (HostKeyChanged, "fail", "wait"),
        (OursAtFault, "wait", "wait"),  # it says nothing about the host
        (HostGarbled, "ok", "ok"),
        (HostIncapable, "ok", "ok"),
    ],
)
def test_a_key_that_was_learnt_once_makes_no_later_look_green(
    refused: Client, trouble: type[HostTrouble], answers: str, login: str
) -> None:
    refused.post("/hosts/web-1/check", {"next": "/"})
    look(trouble("{host} has a problem.", host="web-1"))
    Host.objects.update(state=HostState.MAINTENANCE)  # in which nobody takes it for well
    trials = home(refused).split('<ul class="probe"')[1].split("</ul>")[0]
    marks = re.findall(r'<li class="is-(\w+)">', trials)
    assert marks == [answers, login, "wait", "wait", "wait"]


def test_it_is_checked_again_from_there(refused: Client) -> None:
    answer = refused.post("/hosts/web-1/check", {"next": "/"})
    assert answer.headers["Location"] == "/"
    check = HostCheck.objects.get(finished_at=None)
    assert not check.learn_key
    assert "web-1 is being checked…" in home(refused)
    away = refused.post("/hosts/web-1/check", {"next": "https://evil.example/"})
    assert away.headers["Location"] == "/hosts/web-1"


def test_the_way_back_needs_a_second_version_and_ends_the_steps(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    page = home(browser)
    assert "Step 7 of 7: And back" in page
    first = Rollout.objects.get(kind="deploy", environment__name="prod")
    assert f"#{first.pk} · billing in prod · {V1}" in page
    # billing has a second version; that the newest of all is the only one of shop is beside it.
    assert "/rollouts/new?kind=upgrade&amp;service=billing&amp;environment=prod" in page
    fleet.run(Actor.system(), "upgrade", "billing", "prod", V2)
    assert "/rollouts/new?kind=revert&amp;service=billing&amp;environment=prod" in home(browser)
    fleet.run(Actor.system(), "revert", "billing", "prod")
    assert "From nothing to the first release" not in home(browser)


def test_once_something_runs_what_is_wrong_comes_first(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    steps, needs = "From nothing to the first release", "What needs you"
    assert steps in home(browser)
    Host.objects.filter(name="web-1").update(state=HostState.UNREACHABLE)
    page = home(browser)
    assert page.index(needs) < page.index(steps)
    Instance.objects.all().delete()
    page = home(browser)
    assert page.index(steps) < page.index(needs)


def test_whoever_releases_all_day_is_led_no_more(living: None, admin: Person, visit: Visit) -> None:
    browser = visit(admin)
    assert "From nothing to the first release" in home(browser)
    for _ in range(PRACTISED):
        fleet.run(Actor.system(), "restart", "billing", "prod")
    assert Rollout.objects.filter(state=RolloutStatus.SUCCEEDED).count() > PRACTISED
    assert "From nothing to the first release" not in home(browser)


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("/hosts", "/hosts/-/new"),
        ("/services", "/services/-/new"),
        ("/environments", "/environments/-/new"),
    ],
)
def test_an_empty_list_leads_to_its_first_thing(
    db: None, visit: Visit, address: str, link: str
) -> None:
    page = home(visit(person("first", is_superuser=True)), address)
    assert f'<a class="link" href="{link}">' in page
    vera = home(visit(person("vera", ("viewer", "", ""))), address)
    assert link not in vera


def test_only_who_can_go_them_is_shown_the_steps(living: None, dora: Person, visit: Visit) -> None:
    assert "From nothing to the first release" not in home(visit(dora))
