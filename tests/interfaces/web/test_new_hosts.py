"""Hosts are added, compared, forgotten and removed by page; nobody's key is believed unasked."""

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from slipway.core.hosts.facts import HostFacts
from slipway.ports import HostDenied, HostIncapable
from slipway.records.audit.models import Event
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.fleet.operations.checks import claim_checks, finish_check
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import Visit

NEW = "/hosts/-/new"
FORM = {
    "name": "web-9",
    "address": "10.0.0.9",
    "port": "2222",
    "user": "deploy",
    "root": "/srv/slipway",
    "become": "sudo",
    "environment": "prod",
    "key": "default",
    "labels": "rack=b\r\nssd",
}


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def checked(problem: HostDenied | HostIncapable | None, facts: HostFacts | None) -> None:
    for check in claim_checks(worker="test", limit=10, now=timezone.now()):
        finish_check(
            check=check,
            facts=facts,
            host_key="ssh-ed25519 AAAA",
            problem=problem,
            now=timezone.now(),
        )


def test_a_host_is_added_and_reached_where_its_key_is_accepted(browser: Client) -> None:
    answer = browser.post(NEW, {**FORM, "learn_key": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hosts/web-9")
    host = Host.objects.select_related("environment", "key").get(name="web-9")
    assert (host.address, host.port, host.user, host.root) == (
        "10.0.0.9",
        2222,
        "deploy",
        "/srv/slipway",
    )
    assert (host.become, host.labels) == ("sudo", {"rack": "b", "ssd": ""})
    assert HostCheck.objects.get(host=host).learn_key
    assert Event.objects.filter(verb="host.added", thing_name="web-9").count() == 1


def test_a_host_that_is_only_added_is_not_reached(browser: Client) -> None:
    page = browser.post(NEW, {**FORM, "learn_key": "0"}, follow=True).content.decode()
    assert "Nobody goes there before its key is learnt." in page
    assert not HostCheck.objects.filter(host__name="web-9").exists()
    assert "Learn its key and check" in page


def test_enter_in_a_field_does_what_the_page_proposes(browser: Client) -> None:
    """A browser presses the first button of the form."""
    form = browser.get(NEW).content.decode().partition(f'action="{NEW}"')[2]
    assert re.findall(r"<button([^>]*)>", form)[0].split() == [
        *('name="learn_key"', 'value="1"', "hidden")
    ]


@pytest.mark.parametrize(
    ("field", "text", "status"),
    [
        ("address", "deploy@10.0.0.9:22", 422),
        ("name", "a b", 422),
        ("name", "web-1", 409),
        ("address", "a b", 422),
        ("port", "banana", 422),
        ("user", "-x", 422),
        ("root", "relative", 422),
        ("become", "magic", 422),
        ("environment", "nowhere", 404),
        ("key", "nothing", 404),
        ("labels", "a b=c", 422),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_else_is_kept(
    browser: Client, field: str, text: str, status: int
) -> None:
    answer = browser.post(NEW, {**FORM, field: text, "learn_key": "1"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'aria-describedby="{field}-problem"' in page
    assert page.count('class="problem"') == 1
    assert 'value="10.0.0.9"' in page or field == "address"
    assert not Host.objects.filter(name="web-9").exists()


def test_an_admin_of_one_environment_adds_hosts_there_alone(root: Person, visit: Visit) -> None:
    root.post("/keys/default/environments", {"environment": "prod"})
    browser = visit(person("wanda", ("admin", "", "prod")))
    page = browser.get(NEW).content.decode()
    assert '<option value="prod"' in page
    assert '<option value="dev"' not in page
    assert browser.post(NEW, {**FORM, "environment": "dev"}).status_code == 404
    assert browser.post(NEW, FORM).status_code == 302


def test_who_manages_no_host_is_offered_none(dora: Person, visit: Visit) -> None:
    browser = visit(dora)
    assert NEW not in browser.get("/hosts").content.decode()
    assert browser.get(NEW).status_code == 403
    assert browser.post(NEW, FORM).status_code == 403
    for what in ("remove", "forget-key", "maintenance"):
        browser.post(f"/hosts/web-1/{what}", {"on": "1"})
    assert Host.objects.get(name="web-1").state != "maintenance"


def test_the_first_form_says_what_has_to_be_there_before(db: None, visit: Visit) -> None:
    page = visit(person("first", is_superuser=True)).get(NEW).content.decode()
    assert "There is no environment yet: a host belongs to one." in page
    assert "There is no key that opens a host yet." in page


def test_the_line_that_lets_us_in_can_be_copied(browser: Client) -> None:
    browser.post(NEW, {**FORM, "learn_key": "1"})
    denied = HostDenied("{host} does not let {user} in.", host="web-9", user="deploy")
    checked(denied, None)
    page = browser.get("/hosts/web-9").content.decode()
    host = Host.objects.select_related("key").get(name="web-9")
    assert f"&#x27;{host.key.public_key}&#x27; &gt;&gt; ~/.ssh/authorized_keys" in page
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in page


@pytest.mark.parametrize(
    ("become", "lack", "line"),
    [
        (
            "sudo",
            {"can_become_root": False},
            "echo &#x27;deploy ALL=(ALL) NOPASSWD: ALL&#x27; &gt; /etc/sudoers.d/slipway",
        ),
        (
            "none",
            {"root_writable": False},
            "mkdir -p /srv/slipway &amp;&amp; chown deploy: /srv/slipway",
        ),
    ],
)
def test_each_lack_has_the_line_that_helps(
    browser: Client, become: str, lack: dict[str, bool], line: str
) -> None:
    browser.post(NEW, {**FORM, "become": become, "learn_key": "1"})
    facts = replace(fleet.FACTS, **lack)  # type: ignore[arg-type]
    checked(HostIncapable("{host} is not fit.", host="web-9"), facts)
    assert line in browser.get("/hosts/web-9").content.decode()


def test_a_key_that_is_another_is_forgotten_and_told(browser: Client) -> None:
    fleet.reach_hosts("web-1")
    browser.post("/hosts/web-1/forget-key", {"reason": "machine was made anew"})
    assert Host.objects.get(name="web-1").host_key == ""
    event = Event.objects.get(verb="host.key_forgotten")
    assert (event.by_name, event.reason) == ("root-person", "machine was made anew")


def test_maintenance_keeps_its_reason(browser: Client) -> None:
    browser.post("/hosts/web-1/maintenance", {"on": "1", "reason": "new disks"})
    assert Event.objects.get(verb="host.maintenance_began").reason == "new disks"


def test_a_host_without_history_is_removed_and_one_with_it_stays(
    living: None, browser: Client
) -> None:
    browser.post(NEW, {**FORM, "learn_key": "0"})
    assert browser.post("/hosts/web-9/remove").headers["Location"] == "/hosts"
    assert not Host.objects.filter(name="web-9").exists()
    page = browser.post("/hosts/web-1/remove", follow=True).content.decode()
    assert "web-1 has instances or a history of rollouts." in page
    assert Host.objects.filter(name="web-1").exists()
