"""What a host may say at most: numbers in ranges, names of our alphabet, texts of one line."""

import re
from datetime import UTC, datetime, timedelta

from slipway.core.words.sentence import Sentence

LONGEST_NAME = 128
LONGEST_WHY = 400  # characters
LARGEST = 2**62
LATEST = 10**14  # milliseconds since 1970
NOTHING = "-"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[0-9]{1,19}")
_NAME = re.compile(rf"[0-9A-Za-z_+][0-9A-Za-z._+-]{{0,{LONGEST_NAME - 1}}}")
# Of a release, and behind the dot of the orders that it was started with.
_FINGERPRINT = re.compile(r"[0-9A-Za-z_+][0-9A-Za-z_+-]{0,63}(\.[0-9A-Za-z_+-]{0,15})?")
_BOOT = re.compile(r"[0-9a-f-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATE = re.compile(r"[a-z-]{1,32}")


class Garbled(Exception):
    """These are not the words of the host program: `said` is what they are."""

    def __init__(self, said: Sentence) -> None:
        super().__init__(said)
        self.said = said


NO_END = Sentence.of("garbled_endless", "an answer without end")
CUT_OFF = Sentence.of("garbled_cut_off", "an observation without end")
_A_NUMBER = Sentence.of("a_number", "a number")
_A_NAME = Sentence.of("a_name", "a name")
_A_BOOT = Sentence.of("a_boot", "a boot")
_A_SHA256 = Sentence.of("a_sha256", "a sha256")
_A_STATE = Sentence.of("a_state", "a state")
_A_FINGERPRINT = Sentence.of("a_fingerprint", "a fingerprint")
_YES_OR_NO = Sentence.of("yes_or_no", "yes or no")


def instead(word: str, what: Sentence) -> Garbled:
    """Return that a word stands where something else was to be."""
    return Garbled(
        Sentence.of("garbled_word", "{word} instead of {what}", word=repr(word[:40]), what=what)
    )


def unknown(words: list[str]) -> Garbled:
    """Return that a line is none of the host program's."""
    text = line([" ".join(words)[:200]])
    return Garbled(Sentence.of("said", "{text}", text=text))


def number(word: str, largest: int = LARGEST) -> int:
    if not _NUMBER.fullmatch(word) or int(word) >= largest:
        raise instead(word, _A_NUMBER)
    return int(word)


def name(word: str) -> str:
    return _matched(_NAME, word, _A_NAME)


def boot(word: str) -> str:
    return _matched(_BOOT, word, _A_BOOT)


def sha256(word: str) -> str:
    return _matched(_SHA256, word, _A_SHA256)


def state(word: str) -> str:
    """Return systemd's word for how a unit is; "" without one."""
    return "" if word == NOTHING else _matched(_STATE, word, _A_STATE)


def name_or_nothing(word: str) -> str:
    return "" if word == NOTHING else name(word)


def fingerprint(word: str) -> str:
    return "" if word == NOTHING else _matched(_FINGERPRINT, word, _A_FINGERPRINT)


def found_name(word: str) -> str:
    """Return a name that the host has found and not given: ? is one that cannot be ours."""
    return word if word == "?" else name_or_nothing(word)


def yes_or_no(word: str) -> bool:
    if word not in ("0", "1"):
        raise instead(word, _YES_OR_NO)
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
        template = "a text of {count} characters"
        raise Garbled(Sentence.of("garbled_length", template, count=len(text)))
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _matched(pattern: re.Pattern[str], word: str, what: Sentence) -> str:
    if not pattern.fullmatch(word):
        raise instead(word, what)
    return word
