"""Hosts as other tools write them down: CSV, Ansible inventories (INI, YAML), SSH configs."""

import csv
import io
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import yaml

from slipway.core.names import shown
from slipway.core.refusal import Invalid

MOST_HOSTS = 10_000
LONGEST_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HostEntry:
    """One host as it was written down; "" and 0 where nothing was said."""

    name: str
    address: str = ""
    port: int = 0
    user: str = ""
    root: str = ""
    become: str = ""
    environment: str = ""
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def parse_hosts(text: str, filename: str) -> tuple[HostEntry, ...]:
    """Return the hosts of a file, in its order, each once. Raises Invalid.

    The format is told from the file's name, else from what it looks like.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid("The file is longer than {most} characters.", most=LONGEST_TEXT)
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # as spreadsheets write it
    entries = _reader(text, filename)(text)
    if not entries:
        raise Invalid("There are no hosts in {filename}.", filename=shown(filename))
    if len(entries) > MOST_HOSTS:
        raise Invalid("More than {most} hosts at once.", most=MOST_HOSTS)
    return tuple(entries.values())


Entries = dict[str, HostEntry]


def _reader(text: str, filename: str) -> Callable[[str], Entries]:
    by_suffix = {
        ".csv": _read_csv,
        ".yaml": _read_yaml,
        ".yml": _read_yaml,
        ".ini": _read_ini,
    }
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in by_suffix:
        return by_suffix[suffix]
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(("#", ";"))]
    first = said[0] if said else ""
    if any(line.split(None, 1)[0].lower() == "host" for line in said if not _is_csv(line)):
        return _read_ssh_config
    if _is_csv(first):
        return _read_csv
    return _read_yaml if first in ("---", "all:") else _read_ini


def _is_csv(line: str) -> bool:
    return "," in line and "=" not in line.split(",")[0] and " " not in line.split(",")[0].strip()


# --- CSV -----------------------------------------------------------------------------------------

_COLUMNS = ("name", "address", "port", "user", "root", "become", "environment", "key", "labels")
_ALSO_CALLED = {"host": "name", "hostname": "name", "ip": "address", "env": "environment"}


def _read_csv(text: str) -> Entries:
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    entries: Entries = {}
    try:
        header = [_column(word) for word in next(rows, [])]
        for row in rows:
            if any(cell.strip() for cell in row):
                _add(entries, _from_row(dict(zip(header, row, strict=False)), rows.line_num))
    except csv.Error as error:
        raise Invalid("Line {line} is not CSV.", line=rows.line_num) from error
    return entries


def _column(word: str) -> str:
    name = word.strip().lower()
    name = _ALSO_CALLED.get(name, name)
    if name not in _COLUMNS:
        raise Invalid(
            "{column} is not a column that hosts have.",
            hint="Known are: {known}.",
            column=f"“{shown(word)}”",
            known=", ".join(_COLUMNS),
        )
    return name


def _from_row(row: Mapping[str, str], line: int) -> HostEntry:
    cells = {key: value.strip() for key, value in row.items()}
    labels = dict(_pair(word) for word in cells.pop("labels", "").replace(";", " ").split())
    port = _port(cells.pop("port", ""), f"line {line}")
    return HostEntry(port=port, labels=labels, **{"name": "", **cells})


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key, value


# --- Ansible -------------------------------------------------------------------------------------


def _read_ini(text: str) -> Entries:
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
                _add(entries, entry)
    return _with_group_variables(entries, variables)


def _from_line(line: str, number: int, group: str) -> list[HostEntry]:
    try:
        pattern, *words = shlex.split(line, comments=True)
    except ValueError as error:
        raise Invalid("Line {line} is not an inventory line.", line=number) from error
    said = dict(_pair(word) for word in words)
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
                entries[name] = _completed(entries[name], _from_variables(name, said, ""))
    return entries


def _read_yaml(text: str) -> Entries:
    try:
        document = yaml.load(text, Loader=yaml.BaseLoader)
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
            _add(entries, _from_variables(host, _mapping(variables), "" if depth == 0 else name))
    before = set(entries)
    for child, content in _mapping(said.get("children")).items():
        _read_group(entries, str(child), content, depth + 1)
    shared = _mapping(said.get("vars"))
    ours = {*_mapping(said.get("hosts"))} | (set(entries) - before)
    for host in ours & set(entries):
        entries[host] = _completed(entries[host], _from_variables(host, shared, ""))


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
        port=_port(known.get("ansible_port", known.get("ansible_ssh_port", "")), name),
        user=known.get("ansible_user", known.get("ansible_ssh_user", "")),
        become="sudo" if become else "",
        labels={group: ""} if group not in ("", "all", "ungrouped") else {},
    )


# --- SSH config ------------------------------------------------------------------------------------


def _read_ssh_config(text: str) -> Entries:
    entries: Entries = {}
    patterns: list[tuple[list[str], dict[str, str]]] = []
    for raw in text.splitlines():
        key, _, value = raw.strip().replace("=", " ", 1).partition(" ")
        value = value.strip().strip('"')
        if key.lower() == "host":
            patterns.append((value.split(), {}))
        elif key.lower() == "match":
            patterns.append(([], {}))
        elif patterns and key and not key.startswith("#"):
            patterns[-1][1].setdefault(key.lower(), value)
    for names, said in patterns:
        for name in names:
            if not any(mark in name for mark in "*?!"):
                _add(entries, _from_ssh(name, said))
    for names, said in patterns:
        if "*" in names:
            for name in entries:
                entries[name] = _completed(entries[name], _from_ssh(name, said))
    return entries


def _from_ssh(name: str, said: Mapping[str, str]) -> HostEntry:
    return HostEntry(
        name=name,
        address=said.get("hostname", "").replace("%h", name),
        port=_port(said.get("port", ""), name),
        user=said.get("user", ""),
    )


# --- all of them -----------------------------------------------------------------------------------


def _add(entries: Entries, entry: HostEntry) -> None:
    known = entries.get(entry.name)
    entries[entry.name] = _completed(known, entry) if known else entry


def _completed(entry: HostEntry, other: HostEntry) -> HostEntry:
    """Return `entry` with what only `other` says."""
    return replace(
        entry,
        address=entry.address or other.address,
        port=entry.port or other.port,
        user=entry.user or other.user,
        become=entry.become or other.become,
        labels={**other.labels, **entry.labels},
    )


def _port(text: str, where: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise Invalid("{where}: {port} is not a port.", where=shown(where), port=shown(text))
    return int(text)
