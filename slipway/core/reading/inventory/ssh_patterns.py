"""Which hosts a line of an SSH configuration is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slipway.core.reading.inventory.entries import MOST_HOSTS
from slipway.core.words.refusal import Invalid

MOST_LOOKS = 4_000_000  # characters of patterns that are held against names
_MARKS = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Names and patterns, `!` before those that are not meant."""

    words: tuple[str, ...]
    wanted: tuple[re.Pattern[str], ...]
    unwanted: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> "Patterns":
        no = [word[1:] for word in words if word.startswith("!")]
        yes = [word for word in words if not word.startswith("!")]
        return cls(tuple(words), tuple(map(_compiled, yes)), tuple(map(_compiled, no)))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if word[:1] != "!" and not _MARKS.search(word))

    @property
    def is_plain(self) -> bool:
        return len(self.names) == len(self.words)

    @property
    def is_everybody(self) -> bool:
        return "*" in self.words and not self.unwanted

    @property
    def length(self) -> int:
        return sum(map(len, self.words)) + len(self.words)

    def match(self, name: str) -> bool:
        if any(pattern.fullmatch(name) for pattern in self.unwanted):
            return False
        return any(pattern.fullmatch(name) for pattern in self.wanted)


def check_looks(names: int, patterns: int) -> None:
    """Raise Invalid where so many patterns would be held against so many names."""
    if names * patterns > MOST_LOOKS:
        raise Invalid("The file has too many patterns for its hosts.")
    if names > MOST_HOSTS:
        raise Invalid("More than {most} hosts at once.", most=MOST_HOSTS)


def _compiled(glob: str) -> re.Pattern[str]:
    # Each piece is taken where it fits first, and never tried again further on: a pattern of many
    # stars costs no more than its length.
    first, *others = [_plain(piece) for piece in re.split(r"\*+", glob)]
    if not others:
        return re.compile(first)
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + f".*{last}")


def _plain(piece: str) -> str:
    return ".".join(map(re.escape, piece.split("?")))
