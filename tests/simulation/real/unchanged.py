"""Which tables were written to: what only reads them need not be read again before."""

import re
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db.models import Model

Result = TypeVar("Result")
_WRITES = re.compile(r'(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "(\w+)"')
_WRITES_NOTHING = ("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")


class Writes:
    """Counts writes by table. One that is rolled back counts, too: it is read again for nothing."""

    def __init__(self) -> None:
        self._by_table: Counter[str] = Counter()
        self._all = 0  # of which nobody knows what they wrote

    def note(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: object,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """A wrapper, as Django calls it around each statement."""
        done = execute(sql, params, many, context)
        if not sql.startswith(_WRITES_NOTHING):
            self._note(sql)
        return done

    def _note(self, sql: str) -> None:
        written = _WRITES.match(sql)
        if written is None:
            self._all += 1
        else:
            self._by_table[written[1]] += 1

    def note_all(self) -> None:
        """The whole database is another."""
        self._all += 1

    def of(self, *models: type[Model]) -> tuple[int, ...]:
        """Return what is the same as long as nothing is written to these."""
        return (self._all, *(self._by_table[model._meta.db_table] for model in models))


class Remembered:
    """Answers of the rows, for as long as they cannot be others."""

    def __init__(self, writes: Writes, *models: type[Model]) -> None:
        self._writes = writes
        self._models = models
        self._known: dict[str, tuple[Hashable, Any]] = {}

    def ask(self, name: str, about: Hashable, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, which depends on the rows and on `about` alone."""
        stamp = (self._writes.of(*self._models), about)
        known = self._known.get(name)
        if known is not None and known[0] == stamp:
            answer: Result = known[1]
            return answer
        answer = work()
        self._known[name] = (stamp, answer)
        return answer
