"""A request that is sent twice is answered twice and done once."""

from datetime import timedelta

import pytest
from django.db import transaction

from slipway.records.accounts import queries
from slipway.records.accounts.models import LoginAttempt, User
from slipway.records.accounts.operations import requests
from slipway.records.accounts.operations.requests import RequestUnderWay
from tests.records.people import NOW, alice, bob, user_of

pytestmark = pytest.mark.django_db


def remember(user: User, key: str = "k", **more: object) -> None:
    asked: dict[str, object] = {"fingerprint": "f", "status": 202, "answer": {"id": 7}, "now": NOW}
    requests.remember_answer(user=user, key=key, **(asked | more))  # type: ignore[arg-type]


@transaction.atomic
def have_an_effect_and_remember(user: User) -> None:
    LoginAttempt.objects.create(username="effect", source="x", at=NOW)
    remember(user)


def test_an_answer_is_recalled_for_the_same_person_only() -> None:
    remember(user_of(alice()))
    remembered = queries.recall_answer(user_of(alice()), "k")
    assert remembered is not None
    assert (remembered.status, remembered.answer) == (202, {"id": 7})
    assert queries.recall_answer(user_of(bob()), "k") is None
    assert queries.recall_answer(user_of(alice()), "other") is None


def test_the_second_of_two_at_once_undoes_what_it_did() -> None:
    user = user_of(alice())
    remember(user)
    with pytest.raises(RequestUnderWay):
        have_an_effect_and_remember(user)
    assert not LoginAttempt.objects.exists()


def test_answers_are_forgotten_after_a_week() -> None:
    remember(user_of(alice()))
    assert requests.forget_answers(now=NOW + timedelta(days=7)) == 0
    assert requests.forget_answers(now=NOW + timedelta(days=8)) == 1
