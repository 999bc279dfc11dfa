"""Rules of the brain, each broken on purpose, as `mutants.txt` lists them."""

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"\[(.+)\] (\w+) (\d+)")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`module` of slipway.core.rollout; `seeds`: within how many histories it is killed."""

    module: str
    seeds: int
    old: str
    new: str


def _read(text: str) -> dict[str, Mutant]:
    found = {}
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        head = _HEAD.fullmatch(lines[0])
        assert head is not None, f"not the head of a mutant: {lines[0]}"
        old, new = ("\n".join(x[1:] for x in lines[1:] if x[0] == sign) for sign in "-+")
        found[head[1]] = Mutant(head[2], int(head[3]), old, new)
    return found


MUTANTS = _read(Path(__file__).with_name("mutants.txt").read_text())
