"""What all pages share: who looks, in which looks, notes, parts of long lists, refusals."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame import notes
from slipway.records.accounts.rights import Actor

P = ParamSpec("P")
Answer = Callable[Concatenate[HttpRequest, P], HttpResponse]
THEMES = ("light", "dark")
PAGE = 50  # rows
_LAST_PAGE = 100_000
_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in a long list; `previous` and `next` are addresses, "" where there is none."""

    number: int
    count: int
    previous: str
    next: str


def show(
    request: HttpRequest, template: str, *, section: str = "", status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page for whoever looks."""
    user = request.user if request.user.is_authenticated else None
    theme = getattr(user, "theme", "")
    shared = {
        "person": user,
        "theme": theme if theme in THEMES else "",
        "language": get_language(),
        "section": section,
        "frame": _frame(request),
        "typed": notes.typed(request),
        "notes": [*notes.collect(request), *context.pop("notes", ())],
    }
    answer = render(request, template, shared | context, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _frame(request: HttpRequest) -> dict[str, object]:
    """Return what the frame of every page offers to whoever looks, and to nobody else."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    people = "/people" if actor.may(Action.MANAGE_ACCESS) else "/people/-/may"
    return {
        "people": people if actor.may_anywhere(Action.MANAGE_ACCESS) else "",
        "system": actor.may(Action.MANAGE_ENVIRONMENT),
        "admin": settings.SLIPWAY_ADMIN and actor.is_root,
    }


def answered(view: Answer[P]) -> Answer[P]:
    """Let a refusal of the view become a page that says why."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal(request, refused)

    return answer


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page of a refusal."""
    note = notes.note_of(refused)
    return show(
        request,
        "web/refused.html",
        status=notes.status_of(refused),
        title=note.message,
        message=note.message,
        hint=note.hint,
        more=note.more,
        back="/",
    )


def attempt(
    request: HttpRequest, operation: Callable[[], object], *, back: str, done: str = ""
) -> HttpResponse:
    """Do what a button asks for, go `back`, and say there how it went; what was typed is kept where
    it was refused."""
    try:
        operation()
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        notes.keep_typed(request)
    else:
        notes.forget_typed(request)
        if done:
            notes.leave_done(request, done)
    return HttpResponseRedirect(back)


def own_address(request: HttpRequest, address: str, otherwise: str = "/") -> str:
    """Return `address` if it is one of ours: nobody is sent away by a link that was given us."""
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address and address.isprintable() and is_ours else otherwise


def page_number(request: HttpRequest) -> int:
    """Return the page asked for, from 1."""
    return min(max(1, number_of(request.GET.get("page", ""))), _LAST_PAGE)


def typed(request: HttpRequest, name: str, otherwise: str = "") -> str:
    """Return what was typed into a field; browsers end lines as nobody else does."""
    return request.POST.get(name, otherwise).replace("\r\n", "\n").strip()


def number_of(text: str) -> int:
    """Return the number that was sent; 0 for anything else, and for what no database can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0


def pages_of(request: HttpRequest, total: int, size: int = PAGE) -> Pages:
    """Return where the page asked for is in a list of `total` rows."""
    number = page_number(request)
    count = max(1, -(-total // size))

    def address(page: int) -> str:
        query = request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    return Pages(
        number,
        count,
        address(number - 1) if number > 1 else "",
        address(number + 1) if number < count else "",
    )
