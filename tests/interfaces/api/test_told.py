"""Who asks the API for another language gets it beside the English, which stays what it is."""

import json
from typing import Any

import pytest
from django.test import Client

from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence, hearing
from slipway.interfaces.sentences import SENTENCES, TOO_LARGE, in_json
from slipway.interfaces.web.frame.beside import refused
from slipway.interfaces.web.frame.saying import beside
from slipway.records.rows.texts import checked_text
from tests.chinese import english_in
from tests.interfaces.people import Person
from tests.interfaces.server import asking

CHINESE = {"Accept-Language": "zh-Hans, en;q=0.5"}


def answer(who: Person, path: str, headers: dict[str, str]) -> Any:
    said = Client().get(
        f"/api/v1{path}", headers={"Authorization": f"Bearer {who.token}", **headers}
    )
    return said.json()


def test_a_refusal_is_told_beside_its_english(root: Person) -> None:
    said = answer(root, "/rollouts/12", CHINESE)
    assert said.pop("told")["There is no rollout 12."] == "没有发布 12。"
    assert said == answer(root, "/rollouts/12", {})


def test_everything_an_answer_says_is_told(root: Person) -> None:
    said = answer(root, "/doctor", CHINESE)
    told = said.pop("told")
    assert said["items"]
    for item in said["items"]:
        assert item["message"] in told
        assert not item["hint"] or item["hint"] in told


@pytest.mark.parametrize("language", ["", "en", "en, zh-hans;q=0.5", "xx", "zh-hans;q=oops"])
def test_without_another_language_nothing_stands_beside(root: Person, language: str) -> None:
    assert "told" not in answer(root, "/rollouts/12", {"Accept-Language": language})


def test_what_says_nothing_stays_as_it_is(root: Person) -> None:
    assert answer(root, "/services", CHINESE) == answer(root, "/services", {})


def test_strangers_are_turned_away_in_their_language(db: None) -> None:
    said = Client().get("/api/v1/services", headers=CHINESE).json()
    assert english_in(said["told"][said["message"]]) == []


def test_what_is_too_large_is_refused_in_their_language() -> None:
    said = refused(SENTENCES[TOO_LARGE], "zh-cn")
    assert said["told"][said["message"]] == "请求太大。"
    assert "told" not in refused(SENTENCES[TOO_LARGE], "de")


async def test_what_is_refused_before_it_is_read_is_told_as_well() -> None:
    headers = {"Content-Length": "9" * 12, **CHINESE}
    async with asking("POST", "/api/v1/services", headers) as refusal:
        said = json.loads(await refusal.body())
    assert (refusal.status, said["told"][said["message"]]) == (413, "请求太大。")


def test_only_whole_sentences_are_heard() -> None:
    inner = Sentence.of("none", "none")
    with hearing() as heard:
        outer = Sentence.of("known", "Known: {known}.", known=inner)
        assert outer.english == "Known: none."
    assert heard == [outer]
    assert beside(heard, "zh-hans") == {"Known: none.": "可用：无。"}


def test_what_is_no_uuid_is_told_in_words_of_ours(root: Person) -> None:
    said = answer(root, "/checks/x", CHINESE)
    assert "has to be a UUID." in said["message"]
    assert english_in(said["told"][said["message"]]) == []


def test_what_is_too_long_is_called_by_its_word() -> None:
    with pytest.raises(Invalid) as refused:
        checked_text("x" * 9, what="token name", limit=8)
    said = in_json(refused.value.sentence)
    assert said["message"] == "The token name is too long: 9 characters, 8 are allowed."
    assert "令牌名称" in beside([refused.value.sentence], "zh-hans")[said["message"]]
