"""Long lists to choose from: searched, never cut without a word, and what was chosen is in them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from slipway.records.catalog.queries.services import version_names

Item = TypeVar("Item")
MANY = 12  # from which on there is a search field
_VERSIONS = 50  # listed at once
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Choice(Generic[Item]):
    """What is listed of `total`; `search` is what it was searched by."""

    listed: tuple[Item, ...]
    total: int
    search: str = ""

    @property
    def is_long(self) -> bool:
        return self.total > MANY or bool(self.search)

    @property
    def said(self) -> str:
        """How much of it is listed, and how the rest is reached; "" where all of it is."""
        if len(self.listed) >= self.total:
            return ""
        return _("Listed: %(listed)s of %(total)s. Search for a part of the name of others.") % {
            "listed": len(self.listed),
            "total": self.total,
        }


def searched(text: str) -> str:
    return text.strip()[:_LONGEST]


def choice_of(
    items: Sequence[Item],
    search: str,
    chosen: Iterable[str],
    name: Callable[[Item], str] = str,
    *,
    most: int | None = None,
) -> Choice[Item]:
    """Return the items whose name holds `search`, the first `most` of them, and those that are
    chosen."""
    kept, wanted = frozenset(chosen), search.casefold()
    found: list[Item] = []
    for item in items:
        is_listed = most is None or len(found) < most
        if name(item) in kept or (is_listed and wanted in name(item).casefold()):
            found.append(item)
    return Choice(tuple(found), len(items), search)


def choice_of_versions(service: str, search: str, chosen: Iterable[str]) -> Choice[str]:
    """Return the names of the newest versions that are found, and of those that are chosen."""
    names, total = version_names(service, search, chosen, _VERSIONS)
    return Choice(tuple(names), total, search)
