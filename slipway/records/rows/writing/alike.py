"""Saving many rows of which most became the same."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Model

from slipway.records.rows.pages import slices


def save_alike(model: type[Model], rows: Sequence[Model], fields: tuple[str, ...]) -> None:
    """Write these fields of the rows: one UPDATE for all that have the same values in
    them."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in rows:
        alike[tuple(getattr(row, field) for field in fields)].append(row.pk)
    for values, keys in alike.items():
        changes = dict(zip(fields, values, strict=True))
        for some in slices(keys):
            model._default_manager.filter(pk__in=some).update(**changes)
