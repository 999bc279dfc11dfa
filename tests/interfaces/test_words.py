"""The words of docs/meanings.md: page, API and command line say each of them, as it stands there;
page and command line in English and in Chinese."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

import slipway
from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.questions import ANSWERS, Asks
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.saying import said as said_in_chinese
from slipway.interfaces.web.frame.saying import said_hint
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.services.packages import _WHY
from slipway.records.rollouts.models import Rollout
from slipway_cli import language
from slipway_cli.following.narration import ending, waiting
from tests.chinese import english_in, shown_in
from tests.cli.catalogue import chinese
from tests.cli.reading import reading_chinese
from tests.hand import Hand
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2
from tests.interfaces.web.reading import page
from tests.standing import made_once

pytestmark = pytest.mark.once
MEANINGS = Path(slipway.__file__).parents[1] / "docs" / "meanings.md"
MEANINGS_IN_CHINESE = MEANINGS.parent / "zh" / MEANINGS.name
_CHINESE = re.compile("[\u4e00-\u9fff]")


@made_once
def standing() -> tuple[Person, Rollout]:
    """Alice, and an upgrade of billing on two hosts, which has just begun."""
    make_company()
    alice = person("alice", ("deployer", "billing", ""))
    fleet.reach_hosts("web-1", "web-2", "dev-1")
    fleet.make_version("billing", V1)
    fleet.make_version("billing", V2)
    fleet.run(alice.actor, "deploy", "billing", "prod", V1, hosts=("web-1", "web-2"), port=8080)
    return alice, fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)


@pytest.fixture
def alice(world: tuple[Person, Rollout]) -> Person:
    return world[0]


@pytest.fixture
def rollout(world: tuple[Person, Rollout]) -> Rollout:
    return world[1]


def read(who: Person, address: str, language: str) -> str:
    """What somebody reads on a page in their language."""
    browser = Client()
    browser.force_login(who.user)
    browser.cookies["django_language"] = language
    return shown_in(page(browser, address))


def told(who: Person, rollout: Rollout) -> Any:
    """What the API says."""
    return who.get(f"/rollouts/{rollout.pk}").json()


def in_terminal(
    who: Person, rollout: Rollout, say: Callable[[dict[str, Any]], list[str]]
) -> list[str]:
    """What the command line says of it where Chinese is read; all of it is Chinese."""
    browser = Client(headers={"Authorization": f"Bearer {who.token}"})
    with reading_chinese():
        asked = {"Accept-Language": language.asked_for()}
        answer = browser.get(f"/api/v1/rollouts/{rollout.pk}", headers=asked).json()
        said = [language.told(sentence) for sentence in say(language.understood(answer))]
    in_chinese("\n".join(said))
    return said


def put(rollout: Rollout, state: RolloutStatus) -> None:
    finished = timezone.now() if state.is_over else None
    Rollout.objects.filter(pk=rollout.pk).update(state=state, finished_at=finished, driver="one")


def board(rollout: Rollout) -> str:
    return f"/rollouts/{rollout.pk}"


def steps(rollout: Rollout) -> str:
    return f"/rollouts/{rollout.pk}/targets/{rollout.targets.order_by('batch', 'id')[0].pk}"


def lines(text: str) -> set[str]:
    return set(text.splitlines())


def in_chinese(text: str) -> None:
    """Assert that a page is Chinese, and all of it."""
    assert _CHINESE.search(text)
    assert english_in(text) == []


@pytest.mark.parametrize("cause", Cause)
def test_each_cause_is_said(cause: Cause, rollout: Rollout, alice: Person) -> None:
    hand = Hand(rollout)
    first = hand.places()[0]
    hand.start(first)
    hand.fail(first, say.step_failed(hand.value.target(first)), cause=cause)
    hand.close(End.HALTED, halted=cause)
    assert f"| **{cause}** |" in MEANINGS.read_text()
    answer = told(alice, rollout)
    assert (answer["cause"], answer["targets"][0]["cause"]) == (cause, cause)
    assert any(f"({cause})" in line for line in ending(answer))
    with override("zh-hans"):
        wearing = f"（{words.cause_word(cause)}）"
    assert f"| **{cause}**{wearing} |" in MEANINGS_IN_CHINESE.read_text()
    assert any(wearing in line for line in in_terminal(alice, rollout, ending))
    for address in (board(rollout), steps(rollout)):
        assert cause in _behind("Cause", read(alice, address, "en"))
        text = read(alice, address, "zh-hans")
        in_chinese(text)
        said = _behind("原因归属", text)
        assert said
        assert all(_CHINESE.search(each) for each in said)


def _behind(label: str, text: str) -> list[str]:
    """Return what stands behind a label, on its line or on the next."""
    found = re.findall(rf"^{label}[:：]?[ \n]+(.+)$", text, re.MULTILINE)
    return [each.strip() for each in found]


@pytest.mark.parametrize("end", End)
def test_each_end_is_said(end: End, rollout: Rollout, alice: Person) -> None:
    hand = Hand(rollout)
    hand.start(*hand.waiting())
    for place in hand.places():
        hand.succeed(place)
    hand.close(end, **({"halted": Cause.VERSION} if "halted" in end else {}))
    assert re.search(rf"Ends:[^.]*\b{re.escape(end)}", _flowing(MEANINGS), re.IGNORECASE)
    answer = told(alice, rollout)
    assert answer["end"] == end
    assert ending(answer)[0].startswith(f"Rollout {rollout.pk} {end}")
    with override("zh-hans"):
        ended = f"发布 {rollout.pk} {words.end_word(end)}"
        assert re.search(
            rf"结局有：[^。]*{words.end_word(end)}[（；。]", _flowing(MEANINGS_IN_CHINESE)
        )
    assert in_terminal(alice, rollout, ending)[0].startswith(ended)
    assert f"Upgrade · {end}" in lines(read(alice, board(rollout), "en"))
    text = read(alice, board(rollout), "zh-hans")
    in_chinese(text)
    (said,) = [line for line in lines(text) if line.startswith("升级 · ")]
    assert _CHINESE.search(said.removeprefix("升级 · "))


def _flowing(document: Path) -> str:
    return " ".join(document.read_text().replace("*", "").split())


@pytest.mark.parametrize("status", TargetStatus)
def test_each_status_of_a_target_is_said(
    status: TargetStatus, rollout: Rollout, alice: Person
) -> None:
    rollout.targets.update(state=status)
    put(rollout, RolloutStatus.HALTED)
    answer = told(alice, rollout)
    assert answer["counts"] == {status: 2}
    plain = status.replace("_", " ")
    assert f"2 hosts {plain}." in ending(answer)
    assert f"2 台主机{chinese_word(status)}。" in in_terminal(alice, rollout, ending)
    for address in (board(rollout), steps(rollout)):
        english = {"pending": "waiting"}.get(plain, plain)
        assert english in lines(read(alice, address, "en"))
        text = read(alice, address, "zh-hans")
        in_chinese(text)
        assert chinese_word(status) in lines(text)


def chinese_word(code: str) -> str:
    with override("zh-hans"):
        said = word(code)
    assert _CHINESE.search(said), code
    return said


@pytest.mark.parametrize("state", RolloutStatus)
def test_each_state_of_a_rollout_is_said(
    state: RolloutStatus, rollout: Rollout, alice: Person
) -> None:
    put(rollout, state)
    assert told(alice, rollout)["state"] == state
    english = {"pending": "waiting"}.get(state, state)
    assert f"Upgrade · {english}" in lines(read(alice, board(rollout), "en"))
    for address in (board(rollout), "/rollouts", "/services/billing"):
        text = read(alice, address, "zh-hans")
        in_chinese(text)
        assert chinese_word(state) in text


def questions(target: Target) -> dict[Asks, Sentence]:
    """Every question, as the rules ask it of a place."""
    return {
        Asks.CONTROL_IS_ILL: say.control_is_ill(target),
        Asks.NO_ROOM: say.no_room((target.place,), 1),
        Asks.NONE_SERVES: say.none_serves(),
        Asks.SEVERAL_LOST: say.several_lost((target.place,)),
        Asks.ALL_ILL: say.all_ill(target),
        Asks.OURS: say.ours(target),
    }


@pytest.mark.parametrize("code", Asks)
def test_each_question_is_asked(code: Asks, rollout: Rollout, alice: Person) -> None:
    hand = Hand(rollout)
    place = hand.places()[0]
    question = questions(hand.value.target(place))[code]
    asked = {
        "code": code, "places": [place], "since": 0.0, "sentence": question.as_json(),
    }  # fmt: skip
    Rollout.objects.filter(pk=rollout.pk).update(state=RolloutStatus.PAUSED, asks=asked)
    asks = told(alice, rollout)["asks"]
    assert (asks["code"], asks["question_code"]) == (code, code)
    assert (asks["question"], asks["hint"]) == (question.english, question.english_hint)
    assert asks["answers"] == list(ANSWERS[code])
    (said,) = waiting(told(alice, rollout))
    assert _all_in((question.english, question.english_hint, "|".join(ANSWERS[code])), said)
    (other,) = in_terminal(alice, rollout, waiting)
    with override("zh-hans"):
        assert _all_in((said_in_chinese(question), said_hint(question)), other)
    assert f" {'|'.join(ANSWERS[code])}`" in other
    english, page_in_chinese = (read(alice, board(rollout), each) for each in ("en", "zh-hans"))
    assert _all_in((question.english, question.english_hint), english)
    in_chinese(page_in_chinese)
    assert ("Go on without them" in english) == ("without" in ANSWERS[code])


def _all_in(texts: Iterable[str], whole: str) -> bool:
    return all(text in whole for text in texts)


def test_command_line_and_page_have_the_same_words() -> None:
    known = chinese()["words"]
    with override("zh-hans"):
        page = {
            "cause": {code.value: words.cause_word(code) for code in Cause},
            "end": {code.value: words.end_word(code) for code in End},
            "kind": {code.value: word(code) for code in RolloutKind},
            "state": {code.value: word(code) for code in (*RolloutStatus, *TargetStatus)},
            "step": words.live_words()["steps"],
            "need": {need.value: str(said) for need, said in _WHY.items()},
        }
        told = {
            kind: {code: word(code) for code in known[kind]}
            for kind in ("instance", "build", "host")
        }
    assert {kind: known[kind] for kind in told} == told
    assert {kind: {code: known[kind][code] for code in page[kind]} for kind in page} == page
