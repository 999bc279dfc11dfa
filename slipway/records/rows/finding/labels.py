"""Labels as conditions: a label is called what people like, so its name is no path of Django's."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.lookups import Exact, IsNull

Row = TypeVar("Row", bound=Model)


class LabelValue(Func):
    """The value of one label, as text; NULL where it is not there."""

    arity = 2
    output_field = TextField()

    def __init__(self, column: str, name: str) -> None:
        super().__init__(F(column), Value(name))
        self.name = name

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # As a path a number would be a place in a list, unless it is quoted; a quote cannot be in
        # it, for the grammar takes none.
        column, _name = self.source_expressions
        said, params = compiler.compile(column)
        return f"JSON_EXTRACT({said}, %s)", (*params, f'$."{self.name}"')

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        column, _name = self.source_expressions
        said, params = compiler.compile(column)
        return f"({said} ->> %s)", (*params, self.name)


def unknown_labels(rows: QuerySet[Row], names: Iterable[str]) -> list[str]:
    """Return those labels that none of the rows has, whatever its value."""
    return [name for name in names if not rows.filter(labelled("labels", name, ())).exists()]


def labelled(column: str, name: str, values: Sequence[str]) -> Q:
    """Return the condition that a label has one of these values; without values: that it is
    there."""
    label = LabelValue(column, name)
    if not values:
        return Q(IsNull(label, False))
    return reduce(or_, (Q(Exact(label, value)) for value in values))
