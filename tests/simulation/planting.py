"""Reads the brain with one rule broken: the sources stay as they are."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.simulation.mutants import MUTANTS, Mutant

ROOM = "slipway.core.rollout"


class _Planter:
    """Finds the one module that is changed; all others are found by others."""

    def __init__(self, mutant: Mutant) -> None:
        self._name, self._mutant = f"{ROOM}.{mutant.module}", mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None, f"{name} is there"
        assert spec.origin is not None, f"{name} is a file"
        spec.loader = _Loader(name, spec.origin, self._mutant)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_source(fullname)
        assert source is not None, f"{fullname} has a source"
        changed = source.replace(self._mutant.old, self._mutant.new, 1)
        assert changed != source, f"{fullname}: not found: {self._mutant.old}"
        return compile(changed, self.path, "exec")


def plant(mutant: Mutant) -> None:
    sys.meta_path.insert(0, _Planter(mutant))


def plant_what_is_asked_for(words: Sequence[str]) -> None:
    """Plant the mutant that follows `--mutant` on a command line."""
    if "--mutant" in words[:-1]:
        name = words[words.index("--mutant") + 1]
        if name not in MUTANTS:
            raise SystemExit(f"No mutant of that name: {name}. There are: {', '.join(MUTANTS)}")
        plant(MUTANTS[name])
