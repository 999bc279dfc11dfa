"""The lines of packages.txt."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"
LONG = "n" * 90
TREE = {"slipway.yaml": "444", "bin/app": "555", "lib/a.txt": "444", "lib/link": "-> a.txt"}


@dataclass(frozen=True)
class PackageCase:
    filename: str
    programs: tuple[str, ...]
    commands: str
    expected: str

    @property
    def is_taken(self) -> bool:
        return self.expected.startswith("taken")

    @property
    def sentence(self) -> str:
        return self.expected.removeprefix("refused ").partition(" ~ ")[0]

    @property
    def hint(self) -> str:
        return self.expected.partition(" ~ ")[2]

    @property
    def tree(self) -> dict[str, str]:
        """What stands on the host, by path: a mode, or where a link leads."""
        tree = dict(TREE)
        changes, *more = self.expected.replace("$L", LONG).split(", ")
        for gone in changes.split(" -")[1:]:
            del tree[gone]
        for each in more:
            path, _, what = each.partition(" ")
            tree[path] = what
        return tree

    def data(self) -> bytes:
        return (RECORDED / self.filename).read_bytes()


def read_cases() -> dict[str, PackageCase]:
    lines = (HERE / "packages.txt").read_text("utf-8").splitlines()
    cases = [_case(line) for line in lines if line and not line.startswith("#")]
    return {case.filename: case for case in cases}


def _case(line: str) -> PackageCase:
    filename, programs, commands, expected = line.split(" :: ")
    return PackageCase(filename, tuple(programs.split()), commands, expected)
