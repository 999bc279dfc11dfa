"""Rows that wait for a worker: taken by one, and by no other at the same time."""

from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def take_rows(waiting: QuerySet[Row], limit: int, **marks: Any) -> list[Any]:
    """Mark up to `limit` of the rows that wait as taken, and return their keys.

    `marks`: values after which they do not wait any more, or not before a while, in case whoever
    took them dies.
    """
    # Asked first without a claim: claiming writes, and this is asked twice a second.
    if not waiting.exists():
        return []
    with transaction.atomic():
        keys = list(
            waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit]
        )
        if keys:
            waiting.model._default_manager.filter(pk__in=keys).update(**marks)
    return keys
