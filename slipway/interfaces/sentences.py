"""What we say when a request does not get as far as an operation; one sentence per status."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext

from slipway.core.words.reach import hidden_reach
from slipway.core.words.sentence import Sentence, hearing
from slipway.records.rows.sentences import Tell, told, values_of

UNREADABLE = 400
WRONG_NAME = 4001  # answered as 400, with its own sentence
NOT_ADMITTED = 401
FORBIDDEN = 403
BAD_FORGERY_TOKEN = 4031  # answered as 403, with its own sentence
NOT_THERE = 404
WRONG_METHOD = 405
TOO_SLOW = 408
NO_ROOM = 4091  # answered as 409, with its own sentence
TOO_LARGE = 413
WRONG_TYPE = 415
TOO_OFTEN = 429
HEAD_TOO_LARGE = 431
BROKEN = 500
DATABASE_AWAY = 503
BUSY = 5031  # answered as 503, with its own sentence

TOLD = "told"  # in an answer: what its sentences are in the language that was asked for

SENTENCES = {
    UNREADABLE: Sentence.of(
        "unreadable",
        "The request cannot be read.",
        hint="Send well-formed JSON: at most 32 levels deep, no NUL, numbers within 64 bits.",
    ),
    WRONG_NAME: Sentence.of(
        "wrong_name",
        "This server does not answer to the name that the request uses for it.",
        hint="Use its own address, or add the name to SLIPWAY_ALLOWED_HOSTS and restart.",
    ),
    NOT_ADMITTED: Sentence.of(
        "unauthorized",
        "Nobody said who is asking, or the token is wrong, expired or revoked.",
        hint="Send `Authorization: Bearer …` with a token; `slipway login` makes one.",
    ),
    FORBIDDEN: Sentence.of("forbidden", "This is not allowed.", hint="Ask an admin for the right."),
    BAD_FORGERY_TOKEN: Sentence.of(
        "csrf",
        "The request does not prove that it comes from our own pages.",
        hint="Reload the page; a program should send a token instead of a cookie.",
    ),
    NOT_THERE: Sentence.of(
        "not_found",
        "There is nothing at this address.",
        hint="See /api/v1/openapi.json for what is.",
    ),
    WRONG_METHOD: Sentence.of(
        "wrong_method",
        "This address does not take this method.",
        hint="The header Allow names the methods it takes.",
    ),
    TOO_SLOW: Sentence.of(
        "too_slow",
        "The request came too slowly, and was not waited for any longer.",
        hint="Send it again over a faster line: for half a minute less than 2 kB a second came.",
    ),
    TOO_LARGE: Sentence.of(
        "too_large",
        "The request is too large.",
        hint="JSON may have 1 MiB; a package may have what the server's settings allow.",
    ),
    WRONG_TYPE: Sentence.of(
        "wrong_type",
        "The body has a content type that is not taken here.",
        hint="Send JSON as application/json, and a package as application/octet-stream.",
    ),
    TOO_OFTEN: Sentence.of("too_often", "Too many requests.", hint="Wait for Retry-After seconds."),
    HEAD_TOO_LARGE: Sentence.of(
        "head_too_large",
        "The head of the request is too large.",
        hint="Send fewer cookies and shorter headers: all of them may have 32 KiB.",
    ),
    BROKEN: Sentence.of(
        "broken",
        "Something broke on our side, and nothing was half done.",
        hint="The server's log has the reason. Ask again; if it stays, tell whoever runs Slipway.",
    ),
    DATABASE_AWAY: Sentence.of(
        "database_away",
        "The database does not answer.",
        hint="Ask again in a few seconds; running rollouts go on by themselves.",
    ),
    NO_ROOM: Sentence.of(
        "store_full",
        "The package store has no room for this package.",
        hint="Make room there, or remove versions that nobody needs; then upload it again.",
    ),
    BUSY: Sentence.of(
        "busy",
        "So many strangers ask at this moment that this request has to come again.",
        hint="Ask again in a few seconds; whoever is signed in goes first.",
    ),
}


def sentence(request: HttpRequest, what: int) -> HttpResponse:
    """Answer with the sentence for `what`, a status or one of the names above: to a program in
    English, to a person in their language."""
    said = SENTENCES[what]
    status = status_of(what)
    if request.path_info.lower().startswith(("/api", "/metrics", "/hooks")):
        return JsonResponse(in_json(said), status=status)
    text = f"{gettext(said.template)}\n{gettext(said.hint)}\n"
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def status_of(what: int) -> int:
    """Return the HTTP status of one of the names above."""
    return what if what < 1000 else what // 10


def in_json(said: Sentence) -> dict[str, Any]:
    """Return a refusal as programs read it: English, and what it is made of."""
    return {
        "code": said.code,
        "message": said.english,
        "hint": said.english_hint,
        "values": values_of(said),
    }


@dataclass(frozen=True, slots=True)
class Beside:
    """Tells as the API does, in English; `say` says the same in `language`, to stand beside it."""

    language: str
    say: Callable[[Iterable[Sentence], str], dict[str, str]]

    def __call__(
        self, name: str, sentence: Sentence | None, text: str = "", *, hint: str = ""
    ) -> dict[str, Any]:
        return told(name, sentence, text, hint=hint)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Tells as `tell` does, and nobody how a host is reached."""

    tell: Tell

    def __call__(
        self, name: str, sentence: Sentence | None, text: str = "", *, hint: str = ""
    ) -> dict[str, Any]:
        with hidden_reach():
            return self.tell(name, sentence, text, hint=hint)


def whole(telling: Callable[[Tell], dict[str, Any]], tell: Tell) -> dict[str, Any]:
    """Return what is told, with the other language beside it where there is one."""
    if isinstance(tell, Narrowed):
        with hidden_reach():
            return whole(telling, tell.tell)
    with hearing() as heard:
        document = telling(tell)
    beside = tell.say(heard, tell.language) if isinstance(tell, Beside) else {}
    return document | ({TOLD: beside} if beside else {})
