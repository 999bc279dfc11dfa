"""What is asked before a button does something: two answers that nobody takes for one another."""

import re

import pytest

from slipway.core.words.kinds import RolloutKind
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, make_version
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat

NO = re.compile(r'<dialog class="ask".*?value="no">([^<]+)</button>', re.DOTALL)
YES = re.compile(r'action="/rollouts/\d+/cancel" data-ask="([^"]+)"[^>]* data-ask-yes="([^"]+)"')
ANY_YES = re.compile(r'data-ask-yes="([^"]+)"')


@pytest.fixture
def rollout(company: None) -> Rollout:
    make_version("1.0")
    return begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_answers_to_whether_to_cancel_differ(
    rollout: Rollout, visit: Visit, alice: Person, language: str
) -> None:
    browser = visit(alice)
    headers = {"Accept-Language": language}
    text = browser.get(f"/rollouts/{rollout.pk}", headers=headers).content.decode()
    (no,) = NO.findall(text)
    ((question, yes),) = YES.findall(laid_flat(text))
    assert no != yes
    assert question
    for word in ("cancel", "取消"):  # which of them would it be?
        assert word not in no.lower()
    assert any(word in yes.lower() for word in ("cancel", "取消"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_other_yes_is_said_like_the_no(
    rollout: Rollout, visit: Visit, admin: Person, language: str
) -> None:
    browser = visit(admin)
    headers = {"Accept-Language": language}
    for path in (f"/rollouts/{rollout.pk}", "/hosts/web-1", "/environments/prod", "/me"):
        text = browser.get(path, headers=headers).content.decode()
        (no,) = NO.findall(text)
        assert no not in ANY_YES.findall(text)
        assert "" not in ANY_YES.findall(text)
