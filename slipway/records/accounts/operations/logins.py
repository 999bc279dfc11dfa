"""Logging in with a password, slower and slower for whoever guesses."""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate

from slipway.core.refusal import Refused
from slipway.records.accounts import witness
from slipway.records.accounts.actors import actor_of
from slipway.records.accounts.models import LoginAttempt, User
from slipway.records.fields.texts import is_storable

WINDOW = timedelta(minutes=15)
FREE_ATTEMPTS = 5  # per person and source; the next ones wait, twice as long each time
FREE_ATTEMPTS_OF_A_SOURCE = 50  # over all names, so that trying many names is slow as well
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_INPUT = 1024


class WrongPassword(Refused):
    """The name or the password is wrong: which one is not said."""

    code = "wrong_password"


class TooManyAttempts(Refused):
    """Too many logins failed from there: the next one has to wait."""

    code = "too_many_attempts"


def log_in(*, username: str, password: str, source: str, now: datetime) -> User:
    """Return who logs in. Raises TooManyAttempts and WrongPassword.

    Only the source that guesses is slowed down, so that nobody can lock somebody else out. Not to
    be called inside a transaction: a failed attempt has to stay when the answer is a refusal.
    """
    source = source[:64]
    _refuse_in_a_hurry(username[:150], source, now)
    user = None
    if is_storable(username) and len(username) <= 150 and len(password) <= LONGEST_INPUT:
        user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        name = username[:150] if is_storable(username) else "?"
        LoginAttempt.objects.create(username=name, source=source, at=now)
        raise WrongPassword(
            "The name or the password is wrong.",
            hint="Check both; after several failures each further try has to wait.",
        )
    LoginAttempt.objects.filter(username=user.username, source=source).delete()
    LoginAttempt.objects.filter(at__lt=now - WINDOW).delete()
    witness.tell("user.logged_in", user, by=actor_of(user, source), now=now)
    return user


def _refuse_in_a_hurry(username: str, source: str, now: datetime) -> None:
    recent = LoginAttempt.objects.filter(source=source, at__gt=now - WINDOW)
    wait = timedelta(0)
    for attempts, free in (
        (recent.filter(username=username if is_storable(username) else "?"), FREE_ATTEMPTS),
        (recent, FREE_ATTEMPTS_OF_A_SOURCE),
    ):
        times = list(attempts.order_by("-at").values_list("at", flat=True)[:100])
        if len(times) >= free:
            pause = min(timedelta(seconds=2 ** min(len(times) - free, 10)), LONGEST_WAIT)
            wait = max(wait, times[0] + pause - now)
    if wait > timedelta(0):
        raise TooManyAttempts(
            "Too many logins failed from here.",
            hint="Wait {seconds} seconds, then try again.",
            seconds=int(wait.total_seconds()) + 1,
        )
