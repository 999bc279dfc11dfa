"""Where a page has the button, the button is the remedy, not a command."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from slipway.core.sentence import Sentence
from slipway.interfaces.web.remedies import remedy_of
from slipway.records.fleet.models import Host
from tests.interfaces.people import Person
from tests.interfaces.web.catalogue import WEB, sentence_templates
from tests.interfaces.web.conftest import Visit

TEMPLATES = WEB / "templates"
OURS = re.compile(r"slipway (host check|rollout cancel)")
BY_LINK = sorted(
    each
    for each in sentence_templates()
    if OURS.search(each) and ("{host}" in each or "{number}" in each)
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("hint", BY_LINK)
def test_a_hint_with_a_command_of_a_button_leads_to_the_button(hint: str, language: str) -> None:
    advice = Sentence.of("mend_it", "Mend it.")
    told = Sentence.of("x", "X.", hint=hint, host="web-1", number=7, advice=advice)
    with override(language):
        remedy = remedy_of(told)
    assert (remedy.link in ("/hosts/web-1", "/rollouts/7"), bool(remedy.link_text)) == (True, True)
    assert not re.search(r"slipway (host|rollout)", remedy.hint)
    assert remedy.hint[-1] in ".。"


def test_a_hint_without_a_host_stays_what_it_is() -> None:
    hint = "Learn it on purpose: slipway host add … --accept-key."
    with override("en"):  # whatever page another test has read last
        assert remedy_of(Sentence.of("x", "X.", hint=hint)).hint == hint
    assert remedy_of(None).hint == ""


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_why_a_button_cannot_be_pressed_is_no_tooltip(template: Path) -> None:
    assert not re.search(r"disabled[^>]*title=", template.read_text())


@pytest.fixture
def browser(living: None, alice: Person, visit: Visit) -> Client:
    return visit(alice)


def test_a_plan_links_the_host_and_says_beside_the_button_why_not(browser: Client) -> None:
    Host.objects.filter(name="web-1").update(host_key="")
    form = {"service": "billing", "environment": "prod", "kind": "restart"}
    text = browser.get("/rollouts/new", form).content.decode()
    assert '<a class="link" href="/hosts/web-1">Learn the key of web-1</a>' in text
    assert "slipway host check" not in text
