"""Sentences to people: refusals in their language, and notes that wait for the next page."""

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from slipway.core.refusal import Forbidden, Invalid, NotFound, Refused
from slipway.interfaces.live import TooManyViewers
from slipway.interfaces.web.saying import said, said_hint
from slipway.interfaces.web.words import FAIL, OK
from slipway.records.accounts.operations import TooBusy, TooManyAttempts, WrongPassword

_WAITING = "notes"
_TYPED = "typed"
_AT = "*at"  # no name of a field
_LONGEST = 1000
TYPED_FOR = 600.0  # seconds that a refused form stands as it was typed
_STATUSES: tuple[tuple[type[Refused], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Invalid, 422),
    (TooManyAttempts, 429),
    (TooBusy, 429),
    (TooManyViewers, 429),
    (WrongPassword, 401),
)


@dataclass(frozen=True, slots=True)
class Note:
    """`mark` is how it looks: ok, run, warn, fail."""

    message: str
    hint: str = ""
    mark: str = FAIL


def note_of(refused: Refused) -> Note:
    """Return what a refusal says, in the reader's language."""
    return Note(said(refused.sentence), said_hint(refused.sentence))


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a page that shows a refusal."""
    return next((status for kind, status in _STATUSES if isinstance(refused, kind)), 409)


def leave(request: HttpRequest, note: Note) -> None:
    """Keep a note for the next page that this person sees."""
    request.session[_WAITING] = [*request.session.get(_WAITING, []), asdict(note)][-5:]


def leave_done(request: HttpRequest, message: str, hint: str = "") -> None:
    """Keep a note that something went well."""
    leave(request, Note(message, hint, OK))


def keep_typed(request: HttpRequest) -> None:
    """Keep what was typed into a form that was refused: its page shows it again."""
    fields = {name: text[:_LONGEST] for name, text in request.POST.items() if name[:4] != "csrf"}
    request.session[_TYPED] = fields | {"form": request.path, _AT: timezone.now().timestamp()}


def forget_typed(request: HttpRequest) -> None:
    """What was typed into this form was taken."""
    if typed(request).get("form") == request.path:
        del request.session[_TYPED]


def typed(request: HttpRequest) -> dict[str, str]:
    """Return the form that was refused last, and its fields; nothing of what is long ago."""
    kept: dict[str, Any] = request.session.get(_TYPED, {})
    return kept if timezone.now().timestamp() - kept.get(_AT, 0) < TYPED_FOR else {}


def collect(request: HttpRequest) -> list[Note]:
    """Return the notes that wait, once."""
    if _WAITING not in request.session:
        return []
    return [Note(**kept) for kept in request.session.pop(_WAITING)]
