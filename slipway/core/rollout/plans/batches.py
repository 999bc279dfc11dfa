"""How targets are cut into batches: `1 10% 50%`, the last part repeats."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_PART = re.compile(r"([+*]?)([1-9][0-9]{0,5})(%?)")
_MOST_PARTS = 50


class Measure(StrEnum):
    COUNT = "N"
    PERCENT = "N%"
    PLUS = "+N"
    TIMES = "*N"


@dataclass(frozen=True, slots=True)
class Part:
    """One word of the text: how large a batch is, given all targets and the batch before."""

    measure: Measure
    number: int

    def size(self, total: int, previous: int) -> int:
        match self.measure:
            case Measure.COUNT:
                return self.number
            case Measure.PERCENT:
                return -(-total * self.number // 100)  # rounded up: never an empty batch
            case Measure.PLUS:
                return previous + self.number
            case Measure.TIMES:
                return previous * self.number

    def __str__(self) -> str:
        return self.measure.replace("N", str(self.number))


@dataclass(frozen=True, slots=True)
class Batches:
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `N`, `N%`, `+N`, `*N`, separated by spaces. Raises Invalid."""
        parts = tuple(_part(word) for word in text.split())
        if not parts:
            raise Invalid("Batches are missing.", hint="Say for example: 1 10% 50%")
        if len(parts) > _MOST_PARTS:
            raise Invalid("More than {most} parts in the batches.", most=_MOST_PARTS)
        if parts[0].measure is Measure.TIMES:
            raise Invalid(
                "Batches cannot begin with {word}: there is no batch before to multiply.",
                hint="Begin with a number: 1 {word}",
                word=str(parts[0]),
            )
        return cls(parts)

    def sizes(self, total: int) -> tuple[int, ...]:
        """Return the sizes for `total` targets: each at least 1, together exactly `total`."""
        sizes: list[int] = []
        left, previous = total, 0
        while left > 0:
            part = self.parts[min(len(sizes), len(self.parts) - 1)]
            previous = min(part.size(total, previous), left)
            sizes.append(previous)
            left -= previous
        return tuple(sizes)

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.parts)


def _part(word: str) -> Part:
    found = _PART.fullmatch(word)
    if found is None or (found[1] and found[3]):
        raise _nonsense(word)
    number = int(found[2])
    if found[3]:
        if number > 100:
            raise _nonsense(word)
        return Part(Measure.PERCENT, number)
    return Part({"": Measure.COUNT, "+": Measure.PLUS, "*": Measure.TIMES}[found[1]], number)


def _nonsense(word: str) -> Invalid:
    return Invalid(
        "{word} is not a batch size.",
        hint="Allowed: 5, 10% (of all, up to 100%), +5 (more than before), *2 (times before).",
        word=f"“{shown(word)}”",
    )
