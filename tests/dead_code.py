"""Names that no line of the product uses: `python -m tests.dead_code`, as bin/check does.

A name counts as used where any code or template of the product says it; its tests do not count.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from vulture import Vulture

from tests.called_from_outside import CALLED, DECORATED, Called

ROOT = Path(__file__).parents[1]
_TAG = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


class Unused(NamedTuple):
    path: str
    line: int
    kind: str
    name: str

    def is_called(self, called: Called) -> bool:
        names = called.names.split()
        return fnmatch(self.path, called.where) and any(fnmatch(self.name, one) for one in names)


def unused(*folders: Path, root: Path = ROOT) -> list[Unused]:
    """Return what nothing in these folders uses; migrations use, and are not asked."""
    read = Vulture(ignore_decorators=list(DECORATED))
    read.scavenge(folders)
    in_templates = set(_words(folders))
    return [
        Unused(str(item.filename.relative_to(root)), item.first_lineno, item.typ, item.name)
        for item in read.get_unused_code()
        if "migrations" not in item.filename.parts and item.name not in in_templates
    ]


def _words(folders: Iterable[Path]) -> Iterator[str]:
    for folder in folders:
        for template in folder.rglob("*.html"):
            for tag in _TAG.findall(template.read_text()):
                yield from _WORD.findall(tag)


def main() -> int:
    found = unused(*(ROOT / name for name in ("slipway", "slipway_cli", "slipway_demo")))
    dead = [one for one in found if not any(map(one.is_called, CALLED))]
    for one in dead:
        print(f"{one.path}:{one.line}: nothing uses the {one.kind} {one.name}")
    idle = [called for called in CALLED if not any(one.is_called(called) for one in found)]
    for called in idle:
        print(f"tests/called_from_outside.py: nothing needs {called.names} of {called.where}")
    return 1 if dead or idle else 0


if __name__ == "__main__":
    sys.exit(main())
