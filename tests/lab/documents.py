"""The commands of the documents, as they stand there: blocks that say as whom they are run."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machines import Machine

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"# as (root|yourself)\b")
SLOWEST = 300.0  # seconds of a block: it may install a database, and start Slipway on it
PERSON = "deploy"  # somebody without rights, on the lab's hosts


@dataclass(frozen=True, slots=True)
class Block:
    """Commands under a heading of a document, and whether root runs them."""

    heading: str
    commands: str
    as_root: bool


def blocks_of(document: str) -> list[Block]:
    """Return the blocks of a document that say as whom they are run, in their order."""
    found = []
    for section in re.split(r"^#+ (?!as )", (DOCS / document).read_text(), flags=re.MULTILINE):
        heading = section.partition("\n")[0]
        for indent, text in BLOCK.findall(section):
            commands = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
            if mark := MARK.match(commands):
                found.append(Block(heading, commands, mark[1] == "root"))
    return found


def follow(machine: Machine, block: Block, folder: str) -> str:
    """Type a block into a shell in the folder; returns what it printed.

    Raises AssertionError with all that was said when one of its commands fails.
    """
    shell = ["bash", "-e", "-c", f"cd {folder}\n{block.commands}"]
    if not block.as_root:
        home = f"HOME=/home/{PERSON}"
        shell = ["runuser", "-u", PERSON, "--", "env", home, *shell]
    done = machine.run(*shell, check=False, timeout=SLOWEST)
    assert done.returncode == 0, f"{block.commands}\n{done.stdout}\n{done.stderr}{_log(machine)}"
    return done.stdout


def _log(machine: Machine) -> str:
    return machine.says("journalctl", "--no-pager", "--unit", "slipway")[-4000:]
