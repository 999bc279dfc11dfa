"""Chance that is keyed by its occasion: one that is left out does not change the others."""

from random import Random

_MASK = (1 << 64) - 1


def _mixed(number: int) -> int:
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


class Chance:
    """Draws numbers from a seed and an occasion; asked again, it says the same."""

    def __init__(self, seed: int) -> None:
        self._seed = _mixed(seed)

    def at(self, *occasion: int) -> float:
        """Return a number from 0 to 1 for this occasion."""
        number = self._seed
        for part in occasion:
            number = _mixed(number ^ part)
        return number / (_MASK + 1)

    def dice(self, *occasion: int) -> Random:
        """Return as many numbers as are wanted for this occasion."""
        number = self._seed
        for part in occasion:
            number = _mixed(number ^ part)
        return Random(number)
