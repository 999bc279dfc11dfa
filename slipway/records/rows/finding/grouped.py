"""A list in groups: those rows together that have the same label, by name in each group."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from slipway.records.rows.finding.labels import LabelValue
from slipway.records.rows.pages import Bookmark, Order
from slipway.records.rows.texts import is_storable

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Grouped(Order):
    """By the label `label` and in it by `column`, where no two are alike; rows without that label
    come last."""

    label: str = ""

    @property
    def columns(self) -> tuple[Any, ...]:
        value = self._value
        return (IsNull(value, True).asc(), value.asc(), self.column)

    @property
    def turned(self) -> tuple[Any, ...]:
        value = self._value
        return (IsNull(value, True).desc(), value.desc(), f"-{self.column}")

    def beyond(self, rows: QuerySet[Row], at: Bookmark) -> QuerySet[Row]:
        """Return the rows on the far side of one, whose group is looked up; all, where it is not
        there."""
        named = rows.model._default_manager.filter(**{self.column: at.key})
        found = named.values_list(self._value).first() if is_storable(at.key) else None
        if found is None:
            return rows
        side = self._before if at.is_before else self._after
        return rows.filter(side(found[0], at.key))

    def _after(self, group: str | None, key: str) -> Q:
        further, value = Q(**{f"{self.column}__gt": key}), self._value
        if group is None:
            return Q(IsNull(value, True)) & further
        here = Q(Exact(value, Value(group))) & further
        return here | Q(GreaterThan(value, Value(group))) | Q(IsNull(value, True))

    def _before(self, group: str | None, key: str) -> Q:
        nearer, value = Q(**{f"{self.column}__lt": key}), self._value
        if group is None:
            return Q(IsNull(value, False)) | nearer
        return (Q(Exact(value, Value(group))) & nearer) | Q(LessThan(value, Value(group)))

    @property
    def _value(self) -> LabelValue:
        return LabelValue("labels", self.label)


BY_TEAM = Grouped("name", label="team")
