"""What we say when a request does not get as far as an operation; one sentence per status."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse

UNREADABLE = 400
NOT_ADMITTED = 401
FORBIDDEN = 403
BAD_FORGERY_TOKEN = 4031  # answered as 403, with its own sentence
NOT_THERE = 404
WRONG_METHOD = 405
TOO_LARGE = 413
WRONG_TYPE = 415
TOO_OFTEN = 429
BROKEN = 500
DATABASE_AWAY = 503


@dataclass(frozen=True, slots=True)
class Sentence:
    code: str
    message: str
    hint: str


SENTENCES = {
    UNREADABLE: Sentence(
        "unreadable",
        "The request cannot be read.",
        "Send well-formed JSON: at most 32 levels deep, no NUL, numbers within 64 bits.",
    ),
    NOT_ADMITTED: Sentence(
        "unauthorized",
        "Nobody said who is asking, or the token is wrong, expired or revoked.",
        "Send `Authorization: Bearer …` with a token; `slipway login` makes one.",
    ),
    FORBIDDEN: Sentence("forbidden", "This is not allowed.", "Ask an admin for the right."),
    BAD_FORGERY_TOKEN: Sentence(
        "csrf",
        "The request does not prove that it comes from our own pages.",
        "Reload the page; a program should send a token instead of a cookie.",
    ),
    NOT_THERE: Sentence(
        "not_found", "There is nothing at this address.", "See /api/v1/openapi.json for what is."
    ),
    WRONG_METHOD: Sentence(
        "wrong_method",
        "This address does not take this method.",
        "The header Allow names the methods it takes.",
    ),
    TOO_LARGE: Sentence(
        "too_large",
        "The request is too large.",
        "JSON may have 1 MiB; a package may have what the server's settings allow.",
    ),
    WRONG_TYPE: Sentence(
        "wrong_type",
        "The body has a content type that is not taken here.",
        "Send JSON as application/json, and a package as application/octet-stream.",
    ),
    TOO_OFTEN: Sentence("too_often", "Too many requests.", "Wait for Retry-After seconds."),
    BROKEN: Sentence(
        "broken",
        "Something broke on our side, and nothing was half done.",
        "The server's log has the reason. Ask again; if it stays, tell whoever runs Slipway.",
    ),
    DATABASE_AWAY: Sentence(
        "database_away",
        "The database does not answer.",
        "Ask again in a few seconds; running rollouts go on by themselves.",
    ),
}


def sentence(request: HttpRequest, what: int) -> HttpResponse:
    """Answer with the sentence for `what`, a status or one of the names above."""
    said = SENTENCES[what]
    status = FORBIDDEN if what == BAD_FORGERY_TOKEN else what
    content = {"code": said.code, "message": said.message, "hint": said.hint}
    if request.path_info.lower().startswith(("/api", "/metrics", "/hooks")):
        return JsonResponse(content, status=status)
    text = f"{said.message}\n{said.hint}\n"
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
