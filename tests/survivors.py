"""Mutants of slipway/core that no test notices, beside those that are known: bin/mutants calls it.

    python -m tests.survivors [core/rollout/decide …]

The known ones stand in tests/core/survivors.txt, each with the reason why it may live.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
KNOWN = ROOT / "tests/core/survivors.txt"
# What pytest ends with: all passed; and, of mutmut's own, that no test comes there.
_UNNOTICED = {0, 33}


class Survivor(NamedTuple):
    place: str  # core/rollout/decide/room:has_room
    change: tuple[str, ...]  # its lines, with - before what was and + before what is instead

    @property
    def module(self) -> str:
        return self.place.partition(":")[0]

    def __str__(self) -> str:
        return "\n".join([f"[{self.place}] ", *self.change])


def read(text: str) -> dict[Survivor, str]:
    """Return the survivors of such a file, each with its reason."""
    known: dict[Survivor, str] = {}
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            place, _, reason = lines[0].removeprefix("[").partition("]")
            known[Survivor(place, tuple(lines[1:]))] = reason.strip()
    return known


def _names(modules: list[str]) -> Iterator[tuple[str, str, int | None]]:
    """Every mutant of these modules: where it is, its name, and what its tests ended with."""
    results = ROOT / "mutants/slipway"
    for path in sorted(results.rglob("*.py.meta")):
        module = str(path.relative_to(results)).removesuffix(".py.meta")
        if not any(module == asked or module.startswith(f"{asked}/") for asked in modules):
            continue
        for name, status in json.loads(path.read_text())["exit_code_by_key"].items():
            mangled = name.rpartition(".")[2].partition("__mutmut_")[0]
            function = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
            yield f"{module}:{function}", name, status


def _change(name: str) -> tuple[str, ...]:
    shown = subprocess.run(
        [Path(sys.executable).with_name("mutmut"), "show", name],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout
    lines = shown.partition("\n@@")[2].splitlines()
    return tuple(line[0] + line[1:].strip() for line in lines if line[:1] in {"-", "+"})


def main(modules: list[str]) -> int:
    mutants = list(_names(modules or ["core"]))
    waiting = sum(status is None for _, _, status in mutants)
    found = {
        Survivor(place, _change(name)) for place, name, status in mutants if status in _UNNOTICED
    }
    known = read(KNOWN.read_text())
    judged = {place.partition(":")[0] for place, _, _ in mutants}
    for survivor in sorted(found - known.keys()):
        print(f"{survivor}\n")
    for survivor in sorted(known.keys() - found):
        if survivor.module in judged and not waiting:
            print(f"Noticed by now, so it goes from {KNOWN.name}: {survivor}\n")
    print(f"{len(mutants)} mutants: {len(found)} live, {len(found - known.keys())} of them unknown")
    if waiting:
        print(f"{waiting} were not tried: start it again, and it goes on with them")
    return 1 if waiting or found != {one for one in known if one.module in judged} else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
