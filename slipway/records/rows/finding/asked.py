"""What is asked of a list, as conditions of its rows: every list says what its fields are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Self, TypeVar

from django.db.models import Model, Q, QuerySet

from slipway.core.finding.listings import BY, ME, Listing
from slipway.core.finding.parsing import parse_where
from slipway.core.finding.where import LABEL, Term, Where
from slipway.records.rows.finding.labels import labelled

Row = TypeVar("Row", bound=Model)
# Of one of some values.
Condition = Callable[[Sequence[str]], Q]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a list, when, and by whom: `now` is told in the zone whose days are meant,
    and `me` is the name that `by:me` means; "" where nobody is asked for so."""

    where: Where
    now: datetime
    me: str = ""

    @classmethod
    def typed(cls, text: str, listing: Listing, now: datetime, me: str = "") -> Self:
        """Return what somebody typed. Raises Invalid."""
        return cls(parse_where(text, listing), now, me)

    def meant(self, term: Term, listing: Listing) -> list[str]:
        """Return the values that a part means: `me` is whoever asks."""
        values = listing.meant(term.field, term.values)
        if term.field != BY or not self.me:
            return values
        return [self.me if value == ME else value for value in values]


@dataclass(frozen=True, slots=True)
class Columns:
    """How a list is asked: `word` is the condition for one word, `time` that for a span, `labels`
    the column that holds them."""

    word: Callable[[str], Q]
    fields: Mapping[str, Condition]
    time: Callable[[Asking], Q]
    labels: str = "labels"


def narrowed(
    rows: QuerySet[Row], asking: Asking, listing: Listing, columns: Columns
) -> QuerySet[Row]:
    """Return those rows of which every part of what is asked holds, in a query as long as that."""
    for term in asking.where.terms:
        found = _condition(term, asking, listing, columns)
        if term.is_not:
            # Of what is not known at all a plain NOT would say nothing either.
            found = ~Q(pk__in=rows.model._default_manager.filter(found).values("pk"))
        rows = rows.filter(found)
    if asking.where.span is not None:
        rows = rows.filter(columns.time(asking))
    return rows


def between(column: str, asking: Asking) -> Q:
    """Return the condition that a column's moment is in the span that is asked for."""
    span = asking.where.span
    since, until = span.between(asking.now) if span else (None, None)
    found = Q()
    if since:
        found &= Q(**{f"{column}__gte": since})
    if until:
        found &= Q(**{f"{column}__lt": until})
    return found


def _condition(term: Term, asking: Asking, listing: Listing, columns: Columns) -> Q:
    if term.field == LABEL:
        return labelled(columns.labels, term.label, term.values)
    if term.field:
        return columns.fields[term.field](asking.meant(term, listing))
    return reduce(or_, (columns.word(value) for value in term.values))


def is_one_of(column: str) -> Condition:
    """Return what asks whether a column has one of some values."""
    return lambda values: Q(**{f"{column}__in": list(values)})


def time_of(column: str) -> Callable[[Asking], Q]:
    """Return what asks whether the moment of a column is in the span."""
    return partial(between, column)
