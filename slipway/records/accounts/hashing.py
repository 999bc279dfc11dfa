"""Hashing passwords: dear for who guesses, and bounded in what it may cost us."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

from slipway.core.words.refusal import Refused

AT_ONCE = 2  # hashes in one process: each takes 19 MiB and a core
WAITING = 8  # more than these are sent away at once: each holds a thread, and a connection
LONGEST_WAIT = 10.0  # seconds

_turns = threading.Semaphore(AT_ONCE)
_places = threading.Semaphore(AT_ONCE + WAITING)


class TooBusy(Refused):
    """So many passwords are looked at that this one has to come again."""

    code = "too_busy"


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, twice, on one core.

    Every password that is set or looked at comes through here, whoever asks. Raises TooBusy.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _turn():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with _turn():
            return bool(super().verify(password, encoded))


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise _too_busy()
    try:
        if not _turns.acquire(timeout=LONGEST_WAIT):
            raise _too_busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _too_busy() -> TooBusy:
    return TooBusy(
        "Too many passwords are being looked at at this moment.",
        hint="Wait a moment, then try again.",
    )
