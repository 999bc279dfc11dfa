"""Parts of long lists: to be shown, and to be named in a statement."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.records.rows.texts import is_storable

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
LONGEST = 200
# Databases take a thousand parameters in a statement, and more where they were built so.
IN_A_STATEMENT = 500


def slices(items: Sequence[Item], size: int = IN_A_STATEMENT) -> Iterator[Sequence[Item]]:
    """Yield all of them, in parts that a statement may name: none may grow with the fleet."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Page(list[Row]):
    """The rows from `offset` on; `total` counts all there are. Where a few of very many rows are
    asked for (`is_rare`), which ones is looked up once, and not again to count them."""

    total: int

    def __init__(
        self, rows: QuerySet[Row], limit: int, offset: int, *, is_rare: bool = False
    ) -> None:
        end = offset + min(max(limit, 1), LONGEST)
        if is_rare:
            keys = list(rows.values_list("pk", flat=True))
            found = {row.pk: row for row in rows.order_by().filter(pk__in=keys[offset:end])}
            super().__init__(found[key] for key in keys[offset:end] if key in found)
            self.total = len(keys)
            return
        super().__init__(rows[offset:end])
        # Counting is a second query; a first page that is not full is all there is.
        is_whole = offset == 0 and len(self) < limit
        self.total = len(self) if is_whole else rows.count()


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where in a list one is: after the row with that key, or before it; "": at the beginning."""

    key: str = ""
    is_before: bool = False


class Stretch(list[Row]):
    """Rows from a place on, in the order of their list, found as fast at its end as at its
    beginning; `total` counts all. `before` and `after` are the keys that lead on, "" where there is
    nothing more."""

    total: int
    before: str = ""
    after: str = ""

    def __init__(
        self, rows: QuerySet[Row], order: "Order", limit: int, at: Bookmark, offset: int = 0
    ) -> None:
        limit = min(max(limit, 1), LONGEST)
        beyond = order.beyond(rows, at) if at.key else rows
        turned = order.columns if not at.is_before else order.turned
        found = list(beyond.order_by(*turned)[offset : offset + limit + 1])
        has_more, found = len(found) > limit, found[:limit]
        super().__init__(reversed(found) if at.is_before else found)
        self.total = rows.count() if at.key or offset or has_more else len(found)
        if self and (at.key if not at.is_before else has_more):
            self.before = order.key(self[0])
        if self and (has_more if not at.is_before else at.key):
            self.after = order.key(self[-1])


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by a column, and by the key where that is alike. What tells a row in
    an address is the column itself where no two are alike, else its key."""

    column: str
    is_newest_first: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (f"-{self.column}", "-pk") if self.is_newest_first else (self.column,)

    @property
    def turned(self) -> tuple[str, ...]:
        return (self.column, "pk") if self.is_newest_first else (f"-{self.column}",)

    def key(self, row: Model) -> str:
        return str(row.pk if self.is_newest_first else getattr(row, self.column))

    def after(self, rows: QuerySet[Row], key: str) -> Bookmark:
        """Return where a list goes on: after a row of this kind, whether or not it is still in the
        list. Raises Invalid for another; after a name there is a place, also where it is gone."""
        is_there = is_storable(key)
        if self.is_newest_first and key:
            is_there = _row_of(rows, key).exists()
        if not is_there:
            raise Invalid(
                "This list cannot go on after {key}.",
                hint="Send as `after` what `next` said.",
                key=shown(key),
            )
        return Bookmark(key)

    def beyond(self, rows: QuerySet[Row], at: Bookmark) -> QuerySet[Row]:
        """Return the rows on the far side of a place; all, where there is no such row."""
        if not self.is_newest_first:
            side = f"{self.column}__{'lt' if at.is_before else 'gt'}"
            return rows.filter(**{side: at.key}) if is_storable(at.key) else rows
        found = _row_of(rows, at.key).values_list(self.column, "pk").first()
        if found is None:
            return rows
        moment, number = found
        side = "gt" if at.is_before else "lt"
        alike = Q(**{self.column: moment, f"pk__{side}": number})
        return rows.filter(Q(**{f"{self.column}__{side}": moment}) | alike)


def _row_of(rows: QuerySet[Row], key: str) -> QuerySet[Any]:
    """Return the row with that number, also where it is not in the list any more."""
    is_number = key.isascii() and key.isdigit() and len(key) < 19
    return rows.model._default_manager.filter(pk=int(key) if is_number else 0)


BY_NAME = Order("name")
NEWEST_FIRST = Order("created_at", is_newest_first=True)


def whole(part: Callable[[int, int], Page[Row] | Stretch[Row]]) -> list[Row]:
    """Return all rows of a list that comes in parts, asked for by limit and offset: where somebody
    is to choose one of them, none may be missing."""
    found: list[Row] = []
    while True:
        page = part(LONGEST, len(found))
        found += page
        if not page or len(found) >= page.total:
            return found
