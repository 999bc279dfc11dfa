"""Hears what every test writes into rows: a sentence of ours is kept with its code, or not at all.

What is heard is compared with the catalogue of all that is said in two languages, and only where
there is a whole sentence of it: a text of a person or a host may well begin with a word of ours.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created

from slipway.core.rollout.told.host_words import sentence_of_line
from tests.interfaces.web.catalogue import chinese

_PLACE = re.compile(r"\{[a-z_]+\}|%\([a-z]+\)[.0-9]*[sdf]")
_WRITES = re.compile(r"\s*(?:INSERT|UPDATE)\b", re.IGNORECASE)
# An answer that was given is given again as it was, whoever reads it.
_ANSWERS = "accounts_rememberedrequest"
_PRINTED = "[slipway] "  # by what runs a command's build, into its log
# What a step printed stays as it was printed, what our program said in it, too; read line by line
# into the log of its rollout, that is sentences.
_OUTPUTS = "rollouts_step"
_LEAST_WORDS = 4


class KeptTexts:
    """What was written since somebody asked last. Each text is looked at once in a process."""

    def __init__(self) -> None:
        self._looked_at: set[str] = set()
        self._found: list[str] = []

    def listen(self) -> None:
        connection_created.connect(self._on_connection, weak=False)
        for connection in connections.all(initialized_only=True):
            self._on_connection(connection)

    def forget(self) -> None:
        """Look at every text anew."""
        self._looked_at.clear()

    def taken(self) -> list[str]:
        found, self._found = self._found, []
        return found

    def _on_connection(self, connection: Any, **_more: object) -> None:
        if self._hear not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._hear)

    def _hear(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        if params and isinstance(sql, str) and _WRITES.match(sql) and _ANSWERS not in sql:
            if many:
                params = list(params)  # it may be read but once
            self._look_at(sql, params if many else [params])
        return execute(sql, params, many, context)

    def _look_at(self, sql: str, rows: list[Any]) -> None:
        for row in rows:
            for value in row.values() if isinstance(row, dict) else row:
                for text in map(partial(_as_kept, sql), texts_in(value)):
                    if text not in self._looked_at and text.count(" ") + 1 >= _LEAST_WORDS:
                        self._looked_at.add(text)
                        if ours := said_by_us(text):
                            self._found.append(f"{sql[:60]} … {text[:200]!r}: {ours!r}")


def kept_without_a_code(database: Path) -> list[str]:
    """Sentences of ours that stand without a code in the rows of an installation on SQLite."""
    found = []
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in names.fetchall():
            if table == _ANSWERS:
                continue
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                texts = (_as_kept(table, text) for value in row for text in texts_in(value))
                found += [f"{table}: {text[:200]!r}" for text in texts if said_by_us(text)]
    return found


def _as_kept(where: str, text: str) -> str:
    """Return a text without what our program may say there."""
    if _OUTPUTS not in where:
        return text
    return "\n".join(line for line in text.splitlines() if not sentence_of_line(line))


def texts_in(value: Any) -> Iterator[str]:
    """The texts of a value of a row that stand without a code."""
    value = getattr(value, "obj", value)  # as psycopg is given JSON
    if isinstance(value, str):
        if value[:1] not in ("{", "["):
            yield value
            return
        try:
            value = json.loads(value)
        except ValueError:
            yield value
            return
    if isinstance(value, dict):
        if "code" in value:  # said beside it, by template and values or as it was answered
            value = value.get("values") or {}
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


def said_by_us(text: str) -> str:
    """The sentence of the catalogue that stands in `text`, "" where there is none."""
    lines = [line for line in text.splitlines() if not line.startswith(_PRINTED)]
    words = " ".join(lines).split()
    known = _by_pair_of_words()
    for pair in {*pairwise(words)} & known.keys():
        for whole, template in known[pair]:
            if whole.search(text):
                return template
    return ""


@cache
def _by_pair_of_words() -> dict[tuple[str, str], list[tuple[re.Pattern[str], str]]]:
    """Each sentence under two words that follow each other in it, whatever its places hold."""
    known: dict[Any, str] = chinese()._catalog  # type: ignore[attr-defined]
    found: dict[tuple[str, str], list[tuple[re.Pattern[str], str]]] = {}
    for text in {key for key in known if isinstance(key, str) and "\x04" not in key}:
        words = _PLACE.sub("\0", text).split()
        pairs = [p for p in pairwise(words) if "\0" not in "".join(p)]
        if len(words) >= _LEAST_WORDS and text[-1] in ".!?:" and pairs:
            whole = ".*".join(re.escape(piece) for piece in _PLACE.split(text))
            rarest = max(pairs, key=lambda pair: len("".join(pair)))
            found.setdefault(rarest, []).append((re.compile(whole, re.DOTALL), text))
    return found
