"""Parts of long lists: to be shown, and to be named in a statement."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

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
    """The rows from `offset` on; `total` counts all there are."""

    total: int

    def __init__(self, rows: QuerySet[Row], limit: int, offset: int) -> None:
        super().__init__(rows[offset : offset + min(max(limit, 1), LONGEST)])
        # Counting is a second query; a first page that is not full is all there is.
        is_whole = offset == 0 and len(self) < limit
        self.total = len(self) if is_whole else rows.count()


def whole(part: Callable[[int, int], Page[Row]]) -> list[Row]:
    """Return all rows of a list that comes in parts, asked for by limit and offset: where somebody
    is to choose one of them, none may be missing."""
    found: list[Row] = []
    while True:
        page = part(LONGEST, len(found))
        found += page
        if not page or len(found) >= page.total:
            return found
