"""Logging in with a password, slower and slower for whoever guesses."""

import threading
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import QuerySet

from slipway.core.network.customers import customer_of
from slipway.core.words.refusal import Refused
from slipway.records.accounts.hashing import TooBusy
from slipway.records.accounts.models import LoginAttempt, LoginGate, LoginPlace, User
from slipway.records.accounts.rights import Actor, actor_of
from slipway.records.audit.operations import SLOWED_LOGIN, UNKNOWN_LOGIN, record_of, record_stranger
from slipway.records.rows.texts import is_storable

WINDOW = timedelta(minutes=15)
FREE_ATTEMPTS = 5  # per person and source; the next ones wait, twice as long each time
# For whoever has not logged in from there before: trying many names is slow, and one name from
# many places. Who has, waits for nobody else's guesses.
FREE_ATTEMPTS_OF_A_SOURCE = 50
FREE_ATTEMPTS_AT_A_PERSON = 50
REMEMBERED = timedelta(days=90)  # since the last login from a place
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_INPUT = 1024

# Threads of one process wait here, where nobody holds a transaction meanwhile.
_counting = threading.Lock()


class WrongPassword(Refused):
    """The name or the password is wrong: which one is not said."""

    code = "wrong_password"


class TooManyAttempts(Refused):
    """Too many logins failed from there: the next one has to wait."""

    code = "too_many_attempts"


def log_in(*, username: str, password: str, source: str, now: datetime) -> User:
    """Return who logs in. Raises, and is not to be called inside a transaction, as
    `prove_password`."""
    user = prove_password(username=username, password=password, source=source, now=now)
    record_of("user.logged_in", user, by=actor_of(user, source), now=now)
    return user


def prove_password(*, username: str, password: str, source: str, now: datetime) -> User:
    """Return whose password that is. Raises TooManyAttempts, WrongPassword and TooBusy.

    Only the source that guesses is slowed down, so that nobody can lock somebody else out. Not to
    be called inside a transaction: a failed attempt has to stay when the answer is a refusal.
    """
    place = customer_of(source)
    attempt = _begin(username[:150] if is_storable(username) else "?", place, now)
    try:
        user = _who(username, password)
    except TooBusy:
        attempt.delete()  # nobody has looked at it
        raise
    if user is None:
        _tell_of_failure(attempt, source, now)
        raise WrongPassword(
            "The name or the password is wrong.",
            hint="Check both; after several failures each further try has to wait.",
        )
    LoginAttempt.objects.filter(username=user.username, source=place).delete()
    LoginAttempt.objects.filter(at__lt=now - WINDOW).delete()
    LoginPlace.objects.update_or_create(user=user, source=place, defaults={"seen_at": now})
    LoginPlace.objects.filter(seen_at__lt=now - REMEMBERED).delete()
    return user


def _who(username: str, password: str) -> User | None:
    if not is_storable(username) or len(username) > 150 or len(password) > LONGEST_INPUT:
        return None
    user = authenticate(username=username, password=password)
    return user if isinstance(user, User) else None


def _begin(username: str, place: str, now: datetime) -> LoginAttempt:
    """Write an attempt down before it is looked at: of many at one moment, at however many web
    processes, no more are than of as many in a row. Raises TooManyAttempts."""
    with _counting, transaction.atomic():
        _pass_the_gate()
        wait = _wait(username, place, now)
        if wait <= timedelta(0):
            return LoginAttempt.objects.create(username=username, source=place, at=now)
    record_stranger(SLOWED_LOGIN, source=place, now=now)
    raise TooManyAttempts(
        "Too many logins failed from here.",
        hint="Wait {seconds} seconds, then try again.",
        seconds=int(wait.total_seconds()) + 1,
    )


def _pass_the_gate() -> None:
    """Wait until no other process counts. SQLite has begun by taking the whole database."""
    LoginGate.objects.get_or_create(pk=1)
    LoginGate.objects.select_for_update().get(pk=1)


def _wait(username: str, place: str, now: datetime) -> timedelta:
    recent = LoginAttempt.objects.filter(at__gt=now - WINDOW)
    of_person, of_place = recent.filter(username=username), recent.filter(source=place)
    waits = [_after(of_person.filter(source=place), FREE_ATTEMPTS, now)]
    if not LoginPlace.objects.filter(user__username=username, source=place).exists():
        waits.append(_after(of_place, FREE_ATTEMPTS_OF_A_SOURCE, now))
        waits.append(_after(of_person, FREE_ATTEMPTS_AT_A_PERSON, now))
    return max(waits)


def _after(attempts: QuerySet[LoginAttempt], free: int, now: datetime) -> timedelta:
    times = list(attempts.order_by("-at").values_list("at", flat=True)[:100])
    if len(times) < free:
        return timedelta(0)
    return times[0] + min(timedelta(seconds=2 ** min(len(times) - free, 10)), LONGEST_WAIT) - now


def _tell_of_failure(attempt: LoginAttempt, source: str, now: datetime) -> None:
    """Guesses at somebody who is there are kept for ever; they come slowly enough for that. Of
    those at a name that nobody has, which may be a password in the wrong field, the name is not."""
    user = User.objects.filter(username=attempt.username).first()
    if user is None:
        record_stranger(UNKNOWN_LOGIN, source=source, now=now)
        return
    stranger = Actor(user=None, name="?", source=source[:64])
    record_of("user.login_failed", user, by=stranger, now=now)
