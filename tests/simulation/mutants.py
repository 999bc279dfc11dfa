"""Rules of the brain, each broken on purpose, as `mutants.txt` lists them."""

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"\[(.+)\] ([\w.]+) (\d+)")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`module` of slipway.core.rollout; `seeds`: within how many histories it is killed."""

    module: str
    seeds: int
    old: str
    new: str


def _read(text: str) -> dict[str, Mutant]:
    blocks = re.split(r"^(?=\[)", text, flags=re.MULTILINE)[1:]
    found = {}
    for head, *lines in (block.splitlines() for block in blocks):
        named = _HEAD.fullmatch(head)
        assert named is not None, f"not the head of a mutant: {head}"
        old, new = ("\n".join(x[1:] for x in lines if x.startswith(sign)) for sign in "-+")
        found[named[1]] = Mutant(named[2], int(named[3]), old, new)
    return found


MUTANTS = _read(Path(__file__).with_name("mutants.txt").read_text())
