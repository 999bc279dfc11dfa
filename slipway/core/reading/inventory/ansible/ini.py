"""Hosts of an Ansible inventory in INI form."""

import re
import shlex
from collections.abc import Iterable

from slipway.core.reading.inventory.ansible.groups import Inventory
from slipway.core.reading.inventory.ansible.values import Said, ini_value, note_variable
from slipway.core.reading.inventory.ranges import expand, split_port
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")


def read_ini(text: str) -> Inventory:
    """Return what an inventory in INI form says. Raises Invalid."""
    reader = _Reader()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line and not line.startswith(("#", ";")):
            reader.read(line, number)
    reader.check_groups()
    return reader.inventory


class _Reader:
    def __init__(self) -> None:
        self.inventory = Inventory()
        self._group, self._about = "ungrouped", "hosts"
        self._declared = {"all", "ungrouped"}
        self._needed: dict[str, int] = {}  # groups that are named, by the first line

    def read(self, line: str, number: int) -> None:
        section = _SECTION.fullmatch(line)
        if section:
            self._begin(section[1], section[2] or "hosts", number)
        elif line.startswith("[") and line.endswith("]"):
            raise _not_a_line(number)
        elif self._about == "vars":
            self._variable(line, number)
        elif self._about == "children":
            self._child(line, number)
        else:
            self._host(line, number)

    def check_groups(self) -> None:
        """Raise Invalid for a group that is named and nowhere declared, as Ansible does."""
        for group, number in self._needed.items():
            if group not in self._declared:
                said = "Line {line}: there is no group {group} in the file."
                raise Invalid(said, line=number, group=shown(group))

    def _begin(self, group: str, about: str, number: int) -> None:
        if about not in ("hosts", "children", "vars"):
            raise _not_a_line(number)
        self._group, self._about = group, about
        self.inventory.add_group(group)
        if about == "vars":
            self._needed.setdefault(group, number)
        else:
            self._declared.add(group)

    def _variable(self, line: str, number: int) -> None:
        name, equals, value = line.partition("=")
        if not equals:
            raise _not_a_line(number)
        said = Said.of(ini_value(value.strip()), number)
        self.inventory.groups[self._group].variables[name.strip()] = said
        note_variable(self.inventory.notes, number, name.strip())

    def _child(self, line: str, number: int) -> None:
        child = _GROUP.fullmatch(line)
        if not child:
            raise _not_a_line(number)
        self._needed.setdefault(child[1], number)
        self.inventory.add_child(self._group, child[1])

    def _host(self, line: str, number: int) -> None:
        try:
            pattern, *words = shlex.split(line, comments=True)
        except ValueError as error:
            raise _not_a_line(number) from error
        said = self._said(words, number)
        pattern, port = split_port(pattern)
        if not pattern or pattern == "---":
            raise _not_a_line(number)
        shown_port = Said(port, number) if port else None
        for name in expand(pattern):
            self.inventory.add_host(name, self._group, said, shown_port)

    def _said(self, words: Iterable[str], number: int) -> dict[str, Said]:
        said = {}
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                raise _not_a_line(number)
            said[name] = Said.of(ini_value(value), number)
            note_variable(self.inventory.notes, number, name)
        return said


def _not_a_line(number: int) -> Invalid:
    return Invalid("Line {line} is not an inventory line.", line=number)
