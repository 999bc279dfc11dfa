"""A part of a long list, and how long the whole is."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
LONGEST = 200


class Page(list[Row]):
    """The rows from `offset` on; `total` counts all there are."""

    total: int

    def __init__(self, rows: QuerySet[Row], limit: int, offset: int) -> None:
        super().__init__(rows[offset : offset + min(max(limit, 1), LONGEST)])
        # Counting is a second query; a first page that is not full is all there is.
        is_whole = offset == 0 and len(self) < limit
        self.total = len(self) if is_whole else rows.count()
