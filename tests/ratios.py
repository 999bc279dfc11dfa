"""Lines of tests to lines of source, a room each: `python -m tests.ratios`, as bin/check does.

Reported, and no gate: a ratio alone would be met by padding. Blank lines and comments do not count,
nor do stands and fakes, which are code of tests that tests nothing.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Room(NamedTuple):
    name: str
    source: str
    tests: str
    aim: float


ROOMS = (
    Room("core", "slipway/core", "tests/core", 1.5),
    Room("records", "slipway/records", "tests/records", 1.0),
    Room("controller", "slipway/controller", "tests/controller", 1.2),
    Room("adapters", "slipway/adapters", "tests/adapters", 1.0),
    Room("interfaces", "slipway/interfaces", "tests/interfaces", 0.8),
    Room("CLI", "slipway_cli", "tests/cli", 0.8),
)
_NOT_COUNTED = {"migrations", "fakes", "stands", "fakes.py", "stands.py", "standin.py"}


def lines_in(folder: Path) -> int:
    return sum(
        _counts(line)
        for path in folder.rglob("*.py")
        if not _NOT_COUNTED & set(path.relative_to(folder).parts)
        for line in path.read_text().splitlines()
    )


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def told(rooms: Iterable[Room], root: Path = ROOT) -> list[str]:
    counts = [(room, lines_in(root / room.tests), lines_in(root / room.source)) for room in rooms]
    return [
        f"{room.name:<10} {tests / source:.2f} (aim {room.aim}): {tests} lines test {source}"
        for room, tests, source in counts
    ]


if __name__ == "__main__":
    print("\n".join(told(ROOMS)))
