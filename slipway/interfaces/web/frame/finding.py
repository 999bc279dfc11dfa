"""What is asked of a long list, in its address: read, refused beside its field, and its parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from slipway.core.finding.listings import BY, ME, STARRED, Listing
from slipway.core.finding.parsing import LONGEST
from slipway.core.finding.where import EVERYTHING, Term, Where
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame.notes import note_of
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import Bookmark, Page, Row, Stretch

FIELD = "where"


@dataclass(frozen=True, slots=True)
class ListAsked:
    """`text` is what was typed; what cannot be meant has a `problem`, and nothing is found then."""

    text: str
    asking: Asking
    problem: str = ""
    hint: str = ""

    @property
    def where(self) -> Where:
        return self.asking.where

    def chip(self, label: str, field: str, value: str, count: int | None = None) -> "Chip":
        """Return a link that puts this word about a field in the place of others; "": none."""
        text = self.where.having(field, value).text
        address = f"?{urlencode({FIELD: text})}" if text else "?"
        if value:
            is_said = self.where.values_of(field) == (value,)
        else:
            is_said = not self.where.asks_about(field)
        return Chip(label, address, is_said and not self.problem, count)


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a list is shown, and the addresses that lead on, "" where there is no more."""

    said: str
    previous: str
    next: str


def mine_of(asked: ListAsked) -> Chip:
    """Return a link to what the reader has done of a list; once more, and it is all of it again."""
    mine = asked.chip(_("Mine"), BY, ME)
    return replace(asked.chip(mine.label, BY, ""), current=True) if mine.current else mine


def starred_of(asked: ListAsked) -> Chip:
    """Return a link to what the reader has starred of a list; once more, and it is all of it."""
    starred = asked.chip(_("Starred"), "is", STARRED)
    return (
        replace(asked.chip(starred.label, "is", ""), current=True) if starred.current else starred
    )


def asked_of(request: HttpRequest, listing: Listing, before: Mapping[str, str]) -> ListAsked:
    """Return what is asked of a list. `before` names fields of addresses from before there was a
    grammar, and what each is called in it ("": a word)."""
    text = request.GET.get(FIELD)
    if text is None:
        text = _from_before(request, before)
    now, me = timezone.localtime(), asker(request).name
    try:
        return ListAsked(text, Asking.typed(text, listing, now, me))
    except Invalid as refused:
        note = note_of(refused)
        return ListAsked(text[: 2 * LONGEST], Asking(EVERYTHING, now), note.message, note.hint)


def _from_before(request: HttpRequest, before: Mapping[str, str]) -> str:
    said = ((field, request.GET.get(name, "").strip()) for name, field in before.items())
    return Where(tuple(Term((text,), field) for field, text in said if text)).text


def bookmark_of(request: HttpRequest) -> Bookmark:
    """Return where in the list one is."""
    if key := request.GET.get("before", ""):
        return Bookmark(key, is_before=True)
    return Bookmark(request.GET.get("after", ""))


def extent_of(
    request: HttpRequest, found: Stretch[Row], asked: ListAsked, first: int = 0, apart: int = 0
) -> Extent:
    """Return how much is shown of what there is, and where the rest is. `apart`: rows that are not
    in this list and belong to it, of which so many stand `first`."""

    def address(name: str, key: str) -> str:
        text = {FIELD: asked.text} if asked.text else {}
        return f"?{urlencode({**text, name: key})}" if key else ""

    said = shown_of(len(found) + first, found.total + apart)
    return Extent(said, address("before", found.before), address("after", found.after))


def how_much(found: Stretch[Row] | Page[Row]) -> str:
    """Return how much of a list is shown."""
    return shown_of(len(found), found.total)


def shown_of(count: int, total: int) -> str:
    """Return that so many rows of a list are shown."""
    return _("%(shown)s of %(total)s shown") % {"shown": count, "total": total}


def why_nothing(labels: Sequence[str]) -> str:
    """Return what is told of labels that nothing has: most likely they are spelt otherwise."""
    if not labels:
        return ""
    named = ", ".join(shown(label) for label in labels)
    return _("Nothing here has a label of that name: %(labels)s") % {"labels": named}


def chips_of(
    asked: ListAsked, field: str, everything: str, values: Iterable[tuple[str, str]]
) -> list[Chip]:
    """Return a chip for all and one for each value (its label first) of a field."""
    return [
        asked.chip(everything, field, ""),
        *(asked.chip(label, field, value) for label, value in values),
    ]
