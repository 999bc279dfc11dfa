"""The documents' blocks of code: which there are, typed into a lab host as they stand there, or why
they are not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machines import Machine

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *(
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/api.md",
        "docs/architecture.md",
        "docs/cli.md",
    ),
    *(
        "docs/glossary.md",
        "docs/host.md",
        "docs/meanings.md",
        "docs/promises.md",
        "docs/release-spec.md",
    ),
    *sorted(
        str(path.relative_to(ROOT))
        for folder in ("decisions", "howto", "operations")
        for path in (ROOT / "docs" / folder).glob("*.md")
    ),
)
_GRAMMAR = "shows what may be typed; tests/cli/test_docs.py holds it to the program"
_DRAWING = "is a drawing"
# By document and heading: why its blocks are not typed into a machine.
NOT_TYPED: Mapping[tuple[str, str], str] = {
    ("README.md", "Try it"): "needs no machine: tests/acceptance/test_demo.py, and what runs tests",
    ("docs/architecture.md", "Architecture: rooms, one direction"): _DRAWING,
    ("docs/cli.md", "Where and who"): _GRAMMAR,
    ("docs/cli.md", "From nothing to a release"): "are those of README.md and of docs/howto",
    (
        "docs/cli.md",
        "At Tab",
    ): "is for a shell at a terminal: tests/cli/completion/test_completion.py runs each",
    ("docs/cli.md", "Commands"): _GRAMMAR,
    ("docs/cli.md", "Following a rollout"): "is what a command prints",
    ("docs/howto/finding.md", "Finding things in long lists"): "is read by tests/test_finding",
    ("docs/release-spec.md", "The release spec: `slipway.yaml`"): "is read by tests/test_documents",
    ("docs/release-spec.md", "On the host"): _DRAWING,
}
_PARTS = re.compile(r"^#+ ([^\n]*)$|^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"# as (root|yourself)\b")
SLOWEST = 300.0  # seconds of a block: it may install a database, and start Slipway on it
PERSON = "deploy"  # somebody without rights, on the lab's hosts


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a heading of a document: commands (`kind` is sh), or what a file holds."""

    document: str
    heading: str
    number: int  # under its heading
    kind: str
    text: str

    @property
    def is_for_a_person(self) -> bool:
        mark = _MARK.match(self.text)
        return mark is not None and mark[1] == "yourself"


def blocks_of(document: str) -> Iterator[Block]:
    """Yield all blocks of a document, in their order."""
    heading, number = "", 0
    for found in _PARTS.finditer((ROOT / document).read_text()):
        if found[1] is not None:
            heading, number = found[1], 0
            continue
        text = re.sub(f"^{found[2]}", "", found[4], flags=re.MULTILINE)
        yield Block(document, heading, number, found[3], text)
        number += 1


def typed_blocks() -> Iterator[Block]:
    """Yield those that somebody is to type, or to write into a file, word for word."""
    for document in DOCUMENTS:
        for block in blocks_of(document):
            if (document, block.heading) not in NOT_TYPED:
                yield block


def follow(
    machine: Machine, block: Block, folder: str, variables: Mapping[str, str] | None = None
) -> str:
    """Type a block into a shell in the folder; returns what it printed.

    Raises AssertionError with all that was said when one of its commands fails.
    """
    given = [f"{name}={value}" for name, value in (variables or {}).items()]
    shell = ["env", *given, "bash", "-e", "-c", f"cd {folder}\n{block.text}"]
    if block.is_for_a_person:
        shell = ["runuser", "-u", PERSON, "--", "env", f"HOME=/home/{PERSON}", *shell]
    done = machine.run(*shell, check=False, timeout=SLOWEST)
    assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}{_log(machine)}"
    return done.stdout


def _log(machine: Machine) -> str:
    return machine.says("journalctl", "--no-pager", "--unit", "slipway*")[-4000:]
