"""What people and programs write is shown as it is, and never becomes part of the page."""

from collections.abc import Iterator
from datetime import timedelta
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from slipway.interfaces.web.shown import ansi
from slipway.interfaces.web.templatetags.marks import coloured
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target
from slipway.records.rollouts.operations.locks import lock_service
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.planting import plant_builds
from tests.sentences import said

pytestmark = pytest.mark.once
HOSTILE = (
    "<blink>x</blink>",
    "</span></p><blink>",
    "\"><blink x='",
    "'><blink>",
    "</script><script>alert(1)</script><blink>",
    "--><blink>",
    "{{ 7|add:7 }}{% now 'Y' %}<blink>",
    "&lt;blink&gt;<blink/>",
    "\u202e<blink>\x1b[31m<blink>\x1b]8;;javascript:x\x07<blink>",
    "javascript:alert(1)//<blink onfocus=alert(1) autofocus>",
)
ATTRIBUTES = ("onclick", "onerror", "onfocus", "onload", "style", "srcdoc")


def elements(page: bytes) -> Iterator[Element]:
    tree: Element = html5lib.parse(page.decode(), namespaceHTMLElements=False)
    yield from (element for element in tree.iter() if isinstance(element.tag, str))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_string_creates_an_element(
    living: None, admin: Person, visit: Visit, text: str
) -> None:
    addresses = plant(admin.actor, text)
    browser = visit(admin)
    seen = 0
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        seen += b"blink" in answer.content
        for element in elements(answer.content):
            assert element.tag != "blink", address
            assert not any(name in element.attrib for name in ATTRIBUTES), address
            assert not element.attrib.get("href", "").lower().startswith("javascript"), address
            if element.tag == "script":
                assert element.attrib["src"].startswith("/static/")
    assert seen >= 9  # the string was there, and harmless


def plant(by: Actor, text: str) -> list[str]:
    """Put the string wherever somebody could; returns the pages that show it."""
    now = timezone.now()
    drive = Drive.take(
        fleet.begin(by, "upgrade", "billing", "prod", V2, batches="1", reason=text[:200])
    )
    target = drive.targets()[0]
    drive.start(target)
    drive.step(target, ["unpack"], "switch")
    drive.fail(target)
    drive.say(text, target=target)
    lock_service(
        service=Service.objects.get(name="shop"),
        environment=target.host.environment,
        reason=text.replace("\x1b", "").replace("\x07", ""),
        until=now + timedelta(days=1),
        by=by,
        now=now,
    )
    # Rows as an attacker with the database, or an older version of us, might leave them.
    Rollout.objects.filter(pk=drive.value.number).update(outcome=said(text))
    Target.objects.filter(pk=target.pk).update(problem=said(text), step=text[:32])
    Step.objects.filter(target=target, name="unpack").update(output=text)
    LogLine.objects.filter(rollout=drive.value.number).update(level=text[:8])
    Service.objects.filter(name="billing").update(
        description=text, labels={text: text}, spec={"run": text}, build_url=text
    )
    odd = Version.objects.get(name=V1, service__name="billing")
    odd.pk, odd.name, odd.description, odd.ref = None, "odd", text, text
    odd.build_url = odd.build_log = text
    odd.save(force_insert=True)
    addresses = plant_builds(text)
    Host.objects.filter(name="web-1").update(
        state="unreachable",
        problem=said(text),
        labels={text: text},
        facts={"os": text, "arch": text},
    )
    Instance.objects.filter(host__name="web-1").update(tag=text[:64], seen_version=text)
    return [
        "/",
        "/services",
        "/services/billing",
        "/services/shop",
        "/services/billing/versions/odd",
        "/rollouts",
        f"/rollouts/{drive.value.number}",
        f"/rollouts/{drive.value.number}/head",
        f"/rollouts/{drive.value.number}/targets/{target.pk}",
        "/rollouts/new?service=billing&environment=prod",
        "/hosts",
        "/hosts/web-1",
        "/audit",
        *addresses,
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_comes_back_as_text(
    living: None, admin: Person, visit: Visit, text: str
) -> None:
    browser = visit(admin)
    answers = [
        browser.get("/services", {"search": text, "show": text, "page": text}),
        browser.get("/find", {"q": text}),
        browser.get("/find", {"q": text}, headers={"HX-Request": "true"}),
        browser.get("/hosts", {"search": text, "environment": text}),
        browser.get("/audit", {"verb": text, "service": text, "environment": text, "days": text}),
        browser.get("/rollouts", {"service": text, "environment": text, "state": text}),
        browser.get("/rollouts/new", {"service": "billing", "environment": "prod", "port": text}),
        browser.post("/me/tokens", {"name": text, "role": text, "service": text}),
        browser.post("/rollouts/plan", {"kind": text, "service": "billing", "reason": text}),
        browser.get("/builds", {"service": text, "status": text, "page": text}),
        browser.get("/services/shop/compare", {"base": text, "head": text}),
        browser.get("/services/shop/build", {"ref": text, "commit": text}),
        browser.get("/packages", {"service": text}),
        browser.post("/services/shop/build", {"ref": text, "commit": text, "variables": text}),
        browser.post("/services/shop/building", {"server": text, "build": text, "keep": text}),
        browser.post("/build-servers/-/new", {"name": text, "kind": text, "base_url": text}),
        browser.post("/login", {"username": text, "password": text, "next": text}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        for element in elements(answer.content):
            assert element.tag != "blink"
            assert not any(name in element.attrib for name in ATTRIBUTES)


@given(st.text(alphabet=st.sampled_from("ab<>&;[]0123456789mKH\x1b\x07\n\t\\")))
def test_colours_lose_no_text_and_let_no_sequence_through(text: str) -> None:
    parts = list(ansi.spans(text))
    shown = "".join(part for _classes, part in parts)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert all(name.startswith("ansi-") for classes, _part in parts for name in classes.split())
    if "\x1b" not in text:
        assert shown == text.replace("\x07", "")


def test_colours_become_classes() -> None:
    text = "\x1b[1;31mbad\x1b[0m \x1b[92mgood\x1b[39m \x1b[38;5;123mplain\x1b[2K\x1b]0;title\x07."
    assert coloured(text) == (
        '<em class="ansi-bold ansi-red">bad</em> <em class="ansi-green">good</em> plain.'
    )
