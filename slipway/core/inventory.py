"""Hosts as other tools write them down: CSV, Ansible inventories (INI, YAML), SSH configs."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from slipway.core.ansible_inventory import read_ini, read_yaml
from slipway.core.host_entry import MOST_HOSTS, Entries, HostEntry, add, checked_port, completed
from slipway.core.names import shown
from slipway.core.refusal import Invalid

__all__ = ["HostEntry", "parse_hosts"]


LONGEST_TEXT = 4 * 1024 * 1024


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


def _reader(text: str, filename: str) -> Callable[[str], Entries]:
    by_suffix = {
        ".csv": _read_csv,
        ".yaml": read_yaml,
        ".yml": read_yaml,
        ".ini": read_ini,
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
    return read_yaml if first in ("---", "all:") else read_ini


def _is_csv(line: str) -> bool:
    first, comma, _ = line.partition(",")
    return bool(comma) and "=" not in first and " " not in first.strip()


# --- CSV -----------------------------------------------------------------------------------------

_COLUMNS = ("name", "address", "port", "user", "root", "become", "environment", "key", "labels")
_ALSO_CALLED = {"host": "name", "hostname": "name", "ip": "address", "env": "environment"}


def _read_csv(text: str) -> Entries:
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    entries: Entries = {}
    try:
        header = [_column(word) for word in next(rows, [])]
        if "name" not in header:
            raise Invalid("The first line should name the columns, and one of them: name.")
        for row in rows:
            if any(cell.strip() for cell in row):
                add(entries, _from_row(dict(zip(header, row, strict=False)), rows.line_num))
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
    port = checked_port(cells.pop("port", ""), f"line {line}")
    return HostEntry(port=port, labels=labels, **{"name": "", **cells})


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key, value


# --- SSH config ----------------------------------------------------------------------------------


def _read_ssh_config(text: str) -> Entries:
    entries: Entries = {}
    blocks = _ssh_blocks(text)
    for names, said in blocks:
        for name in names:
            if not any(mark in name for mark in "*?!"):
                add(entries, _from_ssh(name, said))
    everybody = [said for names, said in blocks if "*" in names]
    for name in entries:
        for said in everybody:
            entries[name] = completed(entries[name], _from_ssh(name, said))
    return entries


def _ssh_blocks(text: str) -> list[tuple[list[str], dict[str, str]]]:
    """Return (patterns, options) of each Host block; a Match block names nobody."""
    blocks: list[tuple[list[str], dict[str, str]]] = []
    for raw in text.splitlines():
        key, _, value = raw.strip().replace("=", " ", 1).partition(" ")
        value = value.strip().strip('"')
        if key.lower() in ("host", "match"):
            blocks.append((value.split() if key.lower() == "host" else [], {}))
        elif blocks and key and not key.startswith("#"):
            blocks[-1][1].setdefault(key.lower(), value)
    return blocks


def _from_ssh(name: str, said: Mapping[str, str]) -> HostEntry:
    return HostEntry(
        name=name,
        address=said.get("hostname", "").replace("%h", name),
        port=checked_port(said.get("port", ""), name),
        user=said.get("user", ""),
    )
