"""What a host may say at most: numbers in ranges, names of our alphabet, texts of one line."""

import re
from datetime import UTC, datetime, timedelta

LONGEST_NAME = 128
LONGEST_WHY = 400  # characters
LARGEST = 2**62
LATEST = 10**14  # milliseconds since 1970
NOTHING = "-"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,19}")
_NAME = re.compile(rf"[0-9A-Za-z_+][0-9A-Za-z._+-]{{0,{LONGEST_NAME - 1}}}")
_TICKET = re.compile(r"[a-z0-9][a-z0-9-]{0,95}")
# Of a release, and behind the dot of the orders that it was started with.
_FINGERPRINT = re.compile(r"[0-9A-Za-z_+][0-9A-Za-z_+-]{0,63}(\.[0-9A-Za-z_+-]{0,15})?")
_BOOT = re.compile(r"[0-9a-f-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATE = re.compile(r"[a-z-]{1,32}")


class Garbled(Exception):
    """These are not the words of the host program."""


def number(word: str, largest: int = LARGEST) -> int:
    if not _NUMBER.fullmatch(word) or int(word) >= largest:
        raise Garbled(f"{_shown(word)} instead of a number")
    return int(word)


def name(word: str) -> str:
    return _matched(_NAME, word, "a name")


def ticket(word: str) -> str:
    return _matched(_TICKET, word, "a ticket")


def boot(word: str) -> str:
    return _matched(_BOOT, word, "a boot")


def sha256(word: str) -> str:
    return _matched(_SHA256, word, "a sha256")


def state(word: str) -> str:
    """Return systemd's word for how a unit is; "" without one."""
    return "" if word == NOTHING else _matched(_STATE, word, "a state")


def name_or_nothing(word: str) -> str:
    return "" if word == NOTHING else name(word)


def fingerprint(word: str) -> str:
    return "" if word == NOTHING else _matched(_FINGERPRINT, word, "a fingerprint")


def found_name(word: str) -> str:
    """Return a name that the host has found and not given: ? is one that cannot be ours."""
    return word if word == "?" else name_or_nothing(word)


def yes_or_no(word: str) -> bool:
    if word not in ("0", "1"):
        raise Garbled(f"{_shown(word)} instead of yes or no")
    return word == "1"


def moment(milliseconds: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=number(milliseconds, LATEST))


def cleaned(text: str) -> str:
    """Return the beginning of what somebody else said, as one line that can be shown."""
    said = " ".join(text.split())
    return line([said[:LONGEST_WHY]])


def line(words: list[str], longest: int = LONGEST_WHY) -> str:
    """Return a text of somebody else's, which may hold anything, as one that can be shown."""
    text = " ".join(words)
    if len(text) > longest:
        raise Garbled(f"a text of {len(text)} characters")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _matched(pattern: re.Pattern[str], word: str, what: str) -> str:
    if not pattern.fullmatch(word):
        raise Garbled(f"{_shown(word)} instead of {what}")
    return word


def _shown(word: str) -> str:
    return repr(word[:40])
