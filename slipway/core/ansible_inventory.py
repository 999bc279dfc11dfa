"""Hosts as an Ansible inventory names them, in INI or YAML; groups become labels."""

import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from slipway.core.host_entry import MOST_HOSTS, Entries, HostEntry, add, checked_port, completed
from slipway.core.names import shown
from slipway.core.refusal import Invalid


class _Loader(yaml.BaseLoader):
    """YAML whose values stay text. Aliases are not read: nested, a few lines become millions."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise Invalid("Aliases (*name) are not read here.", hint="Write the hosts out.")
        return super().compose_node(parent, index)


def read_ini(text: str) -> Entries:
    """Return the hosts of an inventory in INI form. Raises Invalid."""
    entries: Entries = {}
    variables: dict[str, dict[str, str]] = {}
    section, about = "", "hosts"
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            section, _, about = line.strip("[]").partition(":")
            about = about or "hosts"
        elif about == "vars":
            key, _, value = line.partition("=")
            variables.setdefault(section, {})[key.strip()] = value.strip().strip("'\"")
        elif about == "hosts":
            for entry in _from_line(line, number, section):
                add(entries, entry)
    return _with_group_variables(entries, variables)


def _from_line(line: str, number: int, group: str) -> list[HostEntry]:
    try:
        pattern, *words = shlex.split(line, comments=True)
    except ValueError as error:
        raise Invalid("Line {line} is not an inventory line.", line=number) from error
    said = {key: value for key, _, value in (word.partition("=") for word in words)}
    return [_from_variables(name, said, group) for name in _expand(pattern)]


def _expand(pattern: str) -> list[str]:
    """Return the names of `web[01:12].example.com`; more than one range is too clever for us."""
    before, bracket, rest = pattern.partition("[")
    if not bracket:
        return [pattern]
    bounds, _, after = rest.partition("]")
    first, _, last = bounds.partition(":")
    digits = first.isdecimal() and last.isdecimal() and len(last) < 6
    if not digits or "[" in after or int(last) - int(first) >= MOST_HOSTS:
        raise Invalid("{pattern} is not a range of hosts.", pattern=f"“{shown(pattern)}”")
    return [f"{before}{n:0{len(first)}}{after}" for n in range(int(first), int(last) + 1)]


def _with_group_variables(entries: Entries, variables: Mapping[str, Mapping[str, str]]) -> Entries:
    for name, entry in entries.items():
        groups = ("all", *(key for key in entry.labels if key in variables))
        for group in groups:
            said = variables.get(group)
            if said:
                entries[name] = completed(entries[name], _from_variables(name, said, ""))
    return entries


def read_yaml(text: str) -> Entries:
    """Return the hosts of an inventory in YAML form. Raises Invalid."""
    try:
        document = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid("This is not YAML.", hint="Check it with a YAML linter.") from error
    entries: Entries = {}
    for name, group in _mapping(document).items():
        _read_group(entries, str(name), group, depth=0)
    return entries


def _read_group(entries: Entries, name: str, group: object, depth: int) -> None:
    if depth > 16:
        raise Invalid("Groups are nested too deeply.")
    said = _mapping(group)
    for pattern, variables in _mapping(said.get("hosts")).items():
        for host in _expand(str(pattern)):
            add(entries, _from_variables(host, _mapping(variables), "" if depth == 0 else name))
    before = set(entries)
    for child, content in _mapping(said.get("children")).items():
        _read_group(entries, str(child), content, depth + 1)
    shared = _mapping(said.get("vars"))
    ours = {*_mapping(said.get("hosts"))} | (set(entries) - before)
    for host in ours & set(entries):
        entries[host] = completed(entries[host], _from_variables(host, shared, ""))


def _mapping(value: object) -> Mapping[str, Any]:
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise Invalid("The inventory should be groups with hosts, children and vars.")
    return value


def _from_variables(name: str, said: Mapping[str, Any], group: str) -> HostEntry:
    known = {str(key): str(value) for key, value in said.items() if isinstance(value, str)}
    become = known.get("ansible_become", "").lower() in ("true", "yes", "1")
    return HostEntry(
        name=name,
        address=known.get("ansible_host", known.get("ansible_ssh_host", "")),
        port=checked_port(known.get("ansible_port", known.get("ansible_ssh_port", "")), name),
        user=known.get("ansible_user", known.get("ansible_ssh_user", "")),
        become="sudo" if become else "",
        labels={group: ""} if group not in ("", "all", "ungrouped") else {},
    )
