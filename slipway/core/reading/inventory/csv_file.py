"""Hosts of a table: CSV as people and spreadsheets write it."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from slipway.core.reading.inventory import left_out
from slipway.core.reading.inventory.entries import HostEntry, Notes, counted, port_of
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

COLUMNS = ("name", "address", "port", "user", "root", "become", "environment", "key", "labels")
_ALSO_CALLED = {
    "host": "name",
    "hostname": "name",
    "ip": "address",
    "ip address": "address",
    "ssh port": "port",
    "username": "user",
    "env": "environment",
    "tags": "labels",
    "主机": "name",
    "主机名": "name",
    "名称": "name",
    "地址": "address",
    "ip地址": "address",
    "端口": "port",
    "用户": "user",
    "用户名": "user",
    "环境": "environment",
    "密钥": "key",
    "标签": "labels",
}
# What people write beside it for each other.
_REMARKS = frozenset({"note", "notes", "comment", "remark", "remarks", "description"})
_CHINESE_REMARKS = frozenset({"备注", "说明", "描述"})
_DELIMITERS = (",", ";", "\t", "|")
_BETWEEN_LABELS = re.compile(r"[;,\s]+")


def read_csv(text: str, notes: Notes) -> list[HostEntry]:
    """Return the hosts of a table. Raises Invalid."""
    said, _, rest = text.partition("\n")
    told = said.rstrip("\r\n").lower().removeprefix("sep=") if said[:4].lower() == "sep=" else ""
    body = rest if told else text
    skipped = 1 if told else 0
    delimiter = told if told in _DELIMITERS else _delimiter(body)
    rows = csv.reader(
        io.StringIO(body, newline=""), skipinitialspace=delimiter != "\t", delimiter=delimiter
    )
    try:
        return _Table(next(rows, []), notes).read(rows, skipped)
    except csv.Error as error:
        raise Invalid("Line {line} is not CSV.", line=rows.line_num + skipped) from error


def _delimiter(text: str) -> str:
    """Return what divides the first line into the most columns that we know."""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=lambda mark: known_columns(first, mark))


def known_columns(line: str, mark: str) -> int:
    """Return how many columns that we know a line names, divided by a mark."""
    return sum(_known(word.strip('" ')) != "" for word in line.split(mark))


def _known(word: str) -> str:
    """Return the column that a word of the first line stands for, "" for none."""
    name = " ".join(word.lower().replace("_", " ").split())
    name = _ALSO_CALLED.get(name, name)
    return name if name in COLUMNS or name in _REMARKS | _CHINESE_REMARKS else ""


class _Table:
    def __init__(self, header: Sequence[str], notes: Notes) -> None:
        self._notes = notes
        self._header = [_column(word) for word in header]
        if "name" not in self._header:
            raise Invalid("The first line should name the columns, and one of them: name.")
        for name in self._header:
            if name not in COLUMNS and name:
                notes.tell(left_out.column(name))

    def read(self, rows: "csv.Reader", skipped: int) -> list[HostEntry]:  # type: ignore[name-defined]
        hosts: dict[str, HostEntry] = {}
        mentions = 0
        for row in rows:
            line = rows.line_num + skipped
            if not any(cell.strip() for cell in row):
                continue
            entry = self._entry(row, line)
            if entry is None:
                continue
            mentions = counted(mentions, hosts, entry.name)
            if hosts.setdefault(entry.name, entry) is not entry:
                self._notes.tell(left_out.second_row(line, entry.name))
        return list(hosts.values())

    def _entry(self, row: Sequence[str], line: int) -> HostEntry | None:
        if any(cell.strip() for cell in row[len(self._header) :]):
            self._notes.tell(left_out.more_cells(line))
        cells = {
            name: cell.strip()
            for name, cell in zip(self._header, row, strict=False)
            if name in COLUMNS
        }
        if not cells.get("name"):
            self._notes.tell(left_out.nameless(line))
            return None
        port = port_of(text := cells.pop("port", ""))
        if port < 0:
            self._notes.tell(left_out.no_port(line, text))
            return None
        return _host(cells, port)


def _host(cells: Mapping[str, str], port: int) -> HostEntry:
    said = dict(cells)
    words = filter(None, _BETWEEN_LABELS.split(said.pop("labels", "")))
    return HostEntry(port=port, labels=dict(_pair(word) for word in words), **said)


def _column(word: str) -> str:
    name = _known(word)
    if not name and word.strip():
        raise Invalid(
            "{column} is not a column that hosts have.",
            hint="Known are: {known}.",
            column=f"“{shown(word)}”",
            known=", ".join(COLUMNS),
        )
    return name


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key, value
