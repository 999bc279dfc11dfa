"""Guessing gets slower; nobody can lock somebody else out."""

from datetime import timedelta

import pytest

from slipway.records.accounts import operations
from slipway.records.accounts.models import LoginAttempt, User
from slipway.records.accounts.operations import TooManyAttempts, WrongPassword
from slipway.records.audit.models import Event
from tests.records.people import NOW, PASSWORD, bob

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora() -> User:
    return operations.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)


def attempt(
    password: str, *, source: str = "192.0.2.1", after: float = 0, name: str = "dora"
) -> User:
    return operations.log_in(
        username=name, password=password, source=source, now=NOW + timedelta(seconds=after)
    )


def fail(times: int, **where: str) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            attempt("wrong", **where)  # type: ignore[arg-type]


def test_the_right_password_lets_in_and_is_audited(dora: User) -> None:
    assert attempt(PASSWORD) == dora
    assert Event.objects.filter(verb="user.logged_in", by=dora, source="192.0.2.1").count() == 1


@pytest.mark.parametrize("name", ["dora", "nobody", "x" * 200, "\0", "\ud800"])
def test_a_wrong_name_is_answered_like_a_wrong_password(dora: User, name: str) -> None:
    with pytest.raises(WrongPassword) as refused:
        attempt("wrong", name=name)
    assert refused.value.message == "The name or the password is wrong."


def test_after_five_failures_even_the_right_password_waits(dora: User) -> None:
    fail(5)
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD)
    assert attempt(PASSWORD, after=2) == dora


def test_each_further_failure_doubles_the_wait(dora: User) -> None:
    LoginAttempt.objects.bulk_create(
        LoginAttempt(username="dora", source="192.0.2.1", at=NOW) for _ in range(9)
    )
    with pytest.raises(TooManyAttempts, match="Too many"):
        attempt(PASSWORD, after=15)
    assert attempt(PASSWORD, after=17) == dora


def test_guessing_elsewhere_does_not_lock_dora_out(dora: User) -> None:
    fail(5, source="198.51.100.7")
    assert attempt(PASSWORD) == dora


def test_many_names_from_one_source_are_slowed_as_well(dora: User) -> None:
    for number in range(50):
        LoginAttempt.objects.create(username=f"user{number}", source="192.0.2.1", at=NOW)
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD)


def test_a_disabled_person_is_not_let_in(dora: User) -> None:
    operations.disable_user(user=dora, by=bob(), now=NOW)
    with pytest.raises(WrongPassword):
        attempt(PASSWORD)
