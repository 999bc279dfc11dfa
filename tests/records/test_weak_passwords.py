"""Why a password is too weak is a sentence of ours, whatever language its asker reads."""

import pytest
from django.utils import translation

from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame.saying import said
from slipway.records.accounts.operations import people
from slipway.records.accounts.rights import Actor
from tests.chinese import english_in
from tests.records.people import NOW

WEAK = {
    "x7!kq": ["It has fewer than 10 characters."],
    "password123": ["Many people use it."],
    "billing-anna": ["It is too much like the name of its user."],
    "1234": ["It has fewer than 10 characters.", "Many people use it."],
}


@pytest.mark.django_db
@pytest.mark.parametrize("password", WEAK)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_weak_password_is_refused_with_each_reason(password: str, language: str) -> None:
    with translation.override(language), pytest.raises(Invalid) as refused:
        people.create_user(
            username="billing-anna", password=password, is_superuser=False, by=Actor.system(),
            now=NOW,
        )  # fmt: skip
    why = refused.value.values["why"]
    assert isinstance(why, Sentence)
    assert why.english == " ".join(WEAK[password])
    with translation.override("zh-hans"):
        assert english_in(said(refused.value.sentence)) == []
