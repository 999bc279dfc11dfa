"""Where a page has the button, the button is the remedy, not a command."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from slipway.core.release.layout import InstanceContext
from slipway.core.release.unit import unit_text
from slipway.core.spec.host_needs import no_right_for_unit, no_systemd
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.shown.hint_links import remedy_of
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.rollouts.wish.host_needs import as_checked
from tests.interfaces.people import Person, person
from tests.interfaces.web.catalogue import WEB, sentence_templates
from tests.interfaces.web.conftest import Visit

TEMPLATES = WEB / "templates"
ANYBODY = Reader(Actor.system(), "prod", "billing")
OURS = re.compile(r"slipway (host (check|change)|rollout cancel)")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_hint_with_a_command_of_a_button_leads_to_the_button(language: str) -> None:
    hints = [each for each in sentence_templates() if OURS.search(each) and _is_by_link(each)]
    assert len(hints) > 10
    with override(language):
        assert [hint for hint in hints if not _leads_to_the_button(hint)] == []


def _is_by_link(hint: str) -> bool:
    """No page forgets a key yet: its two commands stay together."""
    return ("{host}" in hint or "{number}" in hint) and "forget-key" not in hint


def _leads_to_the_button(hint: str) -> bool:
    advice = Sentence.of("mend_it", "Mend it.")
    told = Sentence.of("x", "X.", hint=hint, host="web-1", number=7, advice=advice)
    remedy = remedy_of(told, ANYBODY)
    links = ["/hosts/web-1/change"] if "host change" in hint else ["/hosts/web-1", "/rollouts/7"]
    is_led = remedy.link in links and bool(remedy.link_text)
    return (
        is_led
        and not re.search(r"slipway (host|rollout)", remedy.hint)
        and remedy.hint[-1] in ".。"
    )


def test_what_the_release_spec_lacks_leads_to_the_release_spec() -> None:
    with pytest.raises(Invalid) as refused:
        unit_text(InstanceContext("billing", "web-1", "prod", 8080), ReleaseSpec())
    with override("en"):
        remedy = remedy_of(refused.value.sentence, ANYBODY)
    assert remedy.link == "/services/billing/spec"
    assert remedy.link_text == "Release spec of billing"
    assert remedy.hint == "Add run: to slipway.yaml or to the service's release spec."


def test_a_hint_without_a_host_stays_what_it_is() -> None:
    hint = "Learn it on purpose: slipway host add … --accept-key."
    with override("en"):  # whatever page another test has read last
        assert remedy_of(Sentence.of("x", "X.", hint=hint), ANYBODY).hint == hint
    assert remedy_of(None, ANYBODY).hint == ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ["web-1", "web-1.example.com"])
def test_what_a_check_has_found_leads_to_the_button_too(name: str, language: str) -> None:
    found = as_checked(Host(name=name), no_systemd(name)).sentence
    with override(language):
        remedy = remedy_of(found, ANYBODY)
    assert remedy.link == f"/hosts/{name}"
    assert not re.search(r"slipway|[:：]", remedy.hint.replace("supervisor: script", ""))


def test_who_manages_no_hosts_is_not_led_to_change_one(company: None) -> None:
    unit = ReleaseSpec(run=("./bin/billing",))
    found = no_right_for_unit(unit, host="web-1", user="deploy", become="none", facts={})
    with override("en"):
        for role, link in (("deployer", ""), ("admin", "/hosts/web-1/change")):
            actor = person(role, (role, "", "prod")).actor
            assert remedy_of(found, Reader(actor, "prod")).link == link


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_why_a_button_cannot_be_pressed_is_no_tooltip(template: Path) -> None:
    assert not re.search(r"disabled[^>]*title=", template.read_text())


RESTART = {"service": "billing", "environment": "prod", "kind": "restart"}
LINK = '<a class="link" href="/hosts/web-1">Learn the key of web-1</a>'


def test_a_plan_links_the_host_and_says_beside_the_button_why_not(
    living: None, admin: Person, visit: Visit
) -> None:
    Host.objects.filter(name="web-1").update(host_key="")
    text = visit(admin).get("/rollouts/new", RESTART).content.decode()
    assert LINK in text
    command = "slipway host check web-1 --accept-key"
    assert re.findall(r"[^\n]*slipway host check[^\n]*", text) == [
        f'        <code class="line" id="remedy-1">{command}</code>'  # to copy, beside the link
    ]


def test_to_whoever_has_no_such_button_it_says_whom_to_ask(
    living: None, alice: Person, admin: Person, visit: Visit
) -> None:
    Host.objects.filter(name="web-1").update(host_key="")
    person("wanda", ("admin", "", "prod"))
    person("una", ("admin", "billing", "prod"))
    person("gone", ("admin", "", "prod")).user.__class__.objects.filter(username="gone").update(
        is_active=False
    )
    text = visit(alice).get("/rollouts/new", RESTART).content.decode()
    assert LINK not in text
    assert "Ask somebody who may do that: anna, wanda." in text
    assert "slipway host check" not in text


def test_a_rollout_is_linked_to_whoever_may_end_it(company: None) -> None:
    hint = "Wait for its end, or cancel it: slipway rollout cancel {number}"
    told = Sentence.of("busy", "Busy.", hint=hint, number=7)
    alice = person("alice", ("deployer", "billing", "prod"))
    dora = person("dora", ("viewer", "billing", "prod"))
    with override("en"):
        assert remedy_of(told, Reader(alice.actor, "prod", "billing")).link == "/rollouts/7"
        remedy = remedy_of(told, Reader(dora.actor, "prod", "billing"))
        assert (remedy.link, "may do that: alice." in remedy.hint) == ("", True)
        assert remedy_of(told, Reader(alice.actor, "prod", "shop")).link == ""


CHECK = 'action="/hosts/web-1/check"'
CHANGE = 'href="/hosts/web-1/change"'


@pytest.mark.parametrize("is_known", [True, False])
def test_a_check_is_offered_to_whoever_may_ask_for_one(
    living: None, visit: Visit, is_known: bool
) -> None:
    if not is_known:
        Host.objects.filter(name="web-1").update(host_key="")
    HostCheck.objects.all().delete()
    offered = {}
    rights = {"vera": "viewer", "dan": "deployer", "wanda": "admin"}
    people = {name: person(name, (role, "", "prod")) for name, role in rights.items()}
    for name, role in rights.items():
        browser = visit(people[name])
        text = browser.get("/hosts/web-1").content.decode()
        learns = {"learn_key": "1"} if not is_known else {}
        browser.post("/hosts/web-1/check", learns)
        assert (HostCheck.objects.count() > 0) == (CHECK in text), name
        HostCheck.objects.all().delete()
        assert (CHANGE in text) == (role == "admin")
        offered[name] = CHECK in text
        if not offered[name]:
            assert "may do that: " in text
    assert offered == {"vera": False, "dan": is_known, "wanda": True}


def test_who_may_not_change_it_is_told_who_may(living: None, visit: Visit) -> None:
    person("wanda", ("admin", "", "prod"))
    browser = visit(person("vera", ("viewer", "", "prod")))
    for path in ("/hosts/web-1/change", "/environments/prod"):
        assert "Ask somebody who may do that: wanda." in browser.get(path).content.decode()


def test_where_nobody_may_that_is_said(company: None) -> None:
    with override("en"):
        said = Reader(person("vera", ("viewer", "", "")).actor, "prod").whom_to_ask(
            Action.MANAGE_HOST
        )
    assert said.startswith("Nobody has the right for it")


def test_the_search_offers_no_rollout_to_whoever_may_start_none(
    living: None, visit: Visit, alice: Person, dora: Person
) -> None:
    found = {who: "/rollouts/new" in _found(visit(who)) for who in (alice, dora)}
    assert found == {alice: True, dora: False}


def _found(browser: Client) -> str:
    headers = {"HX-Request": "true"}
    return str(browser.get("/find?q=rollout", headers=headers).content.decode())
