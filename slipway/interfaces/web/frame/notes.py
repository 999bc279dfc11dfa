"""Sentences to people: refusals in their language, and notes that wait for the next page."""

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from slipway.core.words.refusal import Forbidden, Invalid, NotFound, Refused
from slipway.interfaces.entrance.typed import SECRETS, Typed
from slipway.interfaces.live.live import TooManyViewers
from slipway.interfaces.web.frame.explained import REFUSALS
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import FAIL, OK, WARN
from slipway.records.accounts.hashing import TooBusy
from slipway.records.accounts.operations.logins import TooManyAttempts, WrongPassword

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
    """`mark` is how it looks: ok, run, warn, fail. `more` is where the documents explain it, "" for
    nowhere, `link` where one does what the hint says."""

    message: str
    hint: str = ""
    mark: str = FAIL
    more: str = ""
    link: str = ""


def note_of(refused: Refused) -> Note:
    """Return what a refusal says, in the reader's language."""
    more = REFUSALS.get(refused.code, "")
    return Note(said(refused.sentence), said_hint(refused.sentence), more=more)


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a page that shows a refusal."""
    return next((status for kind, status in _STATUSES if isinstance(refused, kind)), 409)


def leave(request: HttpRequest, note: Note) -> None:
    """Keep a note for the next page that this person sees."""
    request.session[_WAITING] = [*request.session.get(_WAITING, []), asdict(note)][-5:]


def leave_done(request: HttpRequest, message: str, hint: str = "", link: str = "") -> None:
    """Keep a note that something went well, and what comes next."""
    leave(request, Note(message, hint, OK, link=link))


def keep_typed(request: HttpRequest) -> None:
    """Keep what was typed into a form that was refused: its page shows it again."""
    fields = {
        name: str(text)[:_LONGEST]
        for name, text in request.POST.items()
        if name[:4] != "csrf" and name not in SECRETS
    }
    _keep(request, request.path, fields)


def resume(request: HttpRequest, typed: Typed) -> None:
    """Keep what was typed before somebody had to sign in again, and say that it waits."""
    _keep(request, typed.form, typed.fields)
    message = _("What you typed stands in the form again. Nothing of it was done yet.")
    lacking = _("Passwords, other secrets and what is very long were not kept: type them anew.")
    leave(request, Note(message, lacking if typed.lacks else "", WARN))


def take_typed(request: HttpRequest, form: str = "") -> dict[str, str]:
    """Return the fields that wait for a form, by the address it is sent to (its page's own where
    none is given), once."""
    kept = typed(request)
    if kept.get("form") != (form or request.path):
        return {}
    del request.session[_TYPED]
    return {name: text for name, text in kept.items() if name not in ("form", _AT)}


def _keep(request: HttpRequest, form: str, fields: dict[str, str]) -> None:
    request.session[_TYPED] = fields | {"form": form, _AT: timezone.now().timestamp()}


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
