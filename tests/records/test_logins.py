"""Guessing gets slower; nobody can lock somebody else out."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections

from slipway.records.accounts import hashing
from slipway.records.accounts.hashing import TooBusy
from slipway.records.accounts.models import LoginAttempt, User
from slipway.records.accounts.operations import logins, people
from slipway.records.accounts.operations.logins import TooManyAttempts, WrongPassword, log_in
from slipway.records.audit.models import Event
from tests.records.people import NOW, PASSWORD, bob

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora() -> User:
    return people.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)


def attempt(
    password: str, *, source: str = "192.0.2.1", after: float = 0, name: str = "dora"
) -> User:
    return log_in(
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


def test_where_she_was_before_nobody_elses_guesses_slow_her(dora: User) -> None:
    attempt(PASSWORD)
    for number in range(50):
        LoginAttempt.objects.create(username=f"user{number}", source="192.0.2.1", at=NOW)
        LoginAttempt.objects.create(username="dora", source=f"198.51.100.{number}", at=NOW)
    assert attempt(PASSWORD) == dora
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD, source="203.0.113.5")
    assert attempt(PASSWORD, source="203.0.113.5", after=2) == dora


def test_one_name_from_many_places_is_slowed_where_she_never_was(dora: User) -> None:
    for number in range(50):
        LoginAttempt.objects.create(username="dora", source=f"198.51.100.{number}", at=NOW)
    with pytest.raises(TooManyAttempts):
        attempt("wrong", source="203.0.113.5")


def test_all_addresses_of_one_customer_are_one_source(dora: User) -> None:
    for number in range(5):
        fail(1, source=f"2001:db8:1:2::{number}")
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD, source="2001:db8:1:2:ffff::1")
    assert attempt(PASSWORD, source="2001:db8:1:3::1") == dora
    fail(5, source="::ffff:198.51.100.9")
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD, source="198.51.100.9")


def test_a_guess_at_somebody_who_is_there_is_told(dora: User) -> None:
    fail(1)
    told = Event.objects.get(verb="user.login_failed")
    assert (told.thing_name, told.by, told.source) == ("dora", None, "192.0.2.1")
    fail(1, name="nobody")
    assert Event.objects.filter(verb="user.login_failed").count() == 1


def test_guesses_at_names_nobody_has_are_told_once_from_a_place_without_the_name(
    dora: User,
) -> None:
    for number in range(3):
        fail(1, name=f"made-up-{number}")
    fail(1, name="made-up", source="198.51.100.7")
    told = Event.objects.filter(verb="attempt.unknown_login").order_by("pk")
    assert [event.source for event in told] == ["192.0.2.1", "198.51.100.7"]
    assert {(event.by_name, event.thing_name, event.after) for event in told} == {("?", "", None)}
    with pytest.raises(WrongPassword):
        attempt("wrong", name="made-up", after=601)
    assert told.all().count() == 3


def test_that_somebody_guesses_on_while_they_have_to_wait_is_told_once(dora: User) -> None:
    fail(5)
    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            attempt("wrong")
    (event,) = Event.objects.filter(verb="attempt.slowed_login")
    assert (event.source, event.by) == ("192.0.2.1", None)


def test_when_too_many_are_looked_at_nothing_counts_as_a_guess(
    dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "_places", threading.Semaphore(0))
    with pytest.raises(TooBusy):
        attempt(PASSWORD)
    assert not LoginAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_one_moment_five_are_looked_at() -> None:
    people.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)
    together = threading.Barrier(20)

    def guess(number: int) -> str:
        together.wait(timeout=20)
        try:
            attempt(f"wrong {number}")
        except (WrongPassword, TooManyAttempts) as refused:
            return refused.code
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(guess, range(20)))
    assert answers == {"wrong_password": 5, "too_many_attempts": 15}


@pytest.mark.django_db(transaction=True)
def test_guesses_at_two_web_processes_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)
    LoginAttempt.objects.bulk_create(
        LoginAttempt(username="dora", source="192.0.2.1", at=NOW) for _ in range(4)
    )
    monkeypatch.setattr(logins, "_counting", nullcontext())  # another process has its own lock
    both, counted = threading.Barrier(2), logins._wait

    def wait(*who: Any) -> timedelta:
        """Give the other one the time to count as well, as long as it may."""
        found = counted(*who)
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return found

    monkeypatch.setattr(logins, "_wait", wait)

    def guess(number: int) -> str:
        try:
            attempt(f"wrong {number}")
        except (WrongPassword, TooManyAttempts) as refused:
            return refused.code
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(guess, range(2)))
    assert answers == ["too_many_attempts", "wrong_password"]


def test_two_passwords_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [0], [0]
    counting = threading.Lock()

    def slow(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        with counting:
            running[0] += 1
            most[0] = max(most[0], running[0])
        hash_of(self, password, salt)
        with counting:
            running[0] -= 1
        return "hash"

    hash_of = Argon2PasswordHasher.encode
    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    hasher = hashing.Argon2()
    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(lambda _: hasher.encode("x", "somesalt"), range(10))) == ["hash"] * 10
    assert most[0] == hashing.AT_ONCE


def test_what_was_hashed_dearer_is_hashed_anew_at_the_next_login(dora: User) -> None:
    former = Argon2PasswordHasher().encode(PASSWORD, "somesaltsomesalt")
    User.objects.filter(pk=dora.pk).update(password=former)
    assert attempt(PASSWORD) == dora
    kept = User.objects.get(pk=dora.pk).password
    assert "m=19456,t=2,p=1" in kept
    assert attempt(PASSWORD) == dora


def test_a_disabled_person_is_not_let_in(dora: User) -> None:
    people.disable_user(user=dora, by=bob(), now=NOW)
    with pytest.raises(WrongPassword):
        attempt(PASSWORD)
