"""Finds out what a file of hosts is, and has it read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import overload

from slipway.core.reading.inventory.ansible.groups import Inventory
from slipway.core.reading.inventory.ansible.ini import read_ini
from slipway.core.reading.inventory.ansible.listed import read_list
from slipway.core.reading.inventory.ansible.yaml import read_yaml
from slipway.core.reading.inventory.csv_file import known_columns, read_csv
from slipway.core.reading.inventory.entries import HostEntry, Notes, merged
from slipway.core.reading.inventory.ssh_config import read_ssh_answers, read_ssh_config
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

LONGEST_TEXT = 4 * 1024 * 1024
MOST_REASONS = 20  # of a file of which nothing is taken

Reader = Callable[[str, Notes], list[HostEntry]]


@dataclass(frozen=True, slots=True)
class HostList(Sequence[HostEntry]):
    """The hosts of a file, each once; `left_out`: what the file says besides, line by line."""

    entries: tuple[HostEntry, ...]
    left_out: tuple[Sentence, ...] = ()
    format: str = ""

    @overload
    def __getitem__(self, at: int) -> HostEntry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[HostEntry]: ...
    def __getitem__(self, at: int | slice) -> HostEntry | Sequence[HostEntry]:
        return self.entries[at]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[HostEntry]:
        return iter(self.entries)


def parse_hosts(text: str, filename: str, format: str = "") -> HostList:
    """Return the hosts of a file, in its order, each once. Raises Invalid.

    The format is told by a word, else from the file's name, else from what it looks like.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid("The file is longer than {most} characters.", most=LONGEST_TEXT)
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # as spreadsheets write it
    kind = format or _format_of(text, filename)
    if kind not in FORMATS:
        raise Invalid(
            "{format} is no format of hosts.",
            hint="Known are: {known}.",
            format=shown(kind),
            known=", ".join(FORMATS),
        )
    notes = Notes()
    entries = merged(FORMATS[kind](text, notes), notes)
    if not entries:
        raise _no_hosts(filename, notes.sentences)
    return HostList(entries, notes.sentences, kind)


def _no_hosts(filename: str, left_out: Sequence[Sentence]) -> Invalid:
    if not left_out:
        return Invalid("There are no hosts in {filename}.", filename=shown(filename))
    said = "There are no hosts in {filename} that can be taken. {why}"
    why = Sentence.joined(*left_out[:MOST_REASONS])
    return Invalid(said, filename=shown(filename), why=why)


def _ansible(read: Callable[[str], Inventory]) -> Reader:
    def entries(text: str, notes: Notes) -> list[HostEntry]:
        inventory = read(text)
        found = list(inventory.entries())
        notes.take(inventory.notes)
        return found

    return entries


FORMATS: dict[str, Reader] = {
    "csv": read_csv,
    "ini": _ansible(read_ini),
    "yaml": _ansible(read_yaml),
    "ssh": read_ssh_config,
    "ansible-inventory": _ansible(read_list),
    "ssh-g": read_ssh_answers,
}
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".ini": "ini",
    ".json": "yaml",
}


def _format_of(text: str, filename: str) -> str:
    if text.lstrip()[:1] == "{" and '"_meta"' in text:
        return "ansible-inventory"
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(("#", ";"))]
    first = said[0] if said else ""
    if _is_csv(first):
        return "csv"
    if any(_is_ssh(line) for line in said):
        return "ssh"
    return "yaml" if first == "---" or first.endswith(":") else "ini"


def _is_ssh(line: str) -> bool:
    word, equals, _ = line.replace("=", " = ", 1).partition(" ")
    return word.lower() in ("host", "match") and bool(equals) and not _is_csv(line)


def _is_csv(line: str) -> bool:
    if line.lower().startswith("sep="):
        return True
    first, mark, _ = line.replace(";", ",").partition(",")
    if mark and "=" not in first and not set(first.strip()) & {" ", "\t"}:
        return True
    return known_columns(line, "\t") > 1  # `Host` and a name stand in an SSH config
