"""Turns what an endpoint raises into an answer: a status, a sentence, and what to do next."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from slipway.core.words.refusal import Forbidden, Invalid, NotFound, Refused
from slipway.interfaces.api.frame.mistakes import invalid
from slipway.interfaces.api.frame.parsing import WrongType
from slipway.interfaces.api.frame.uploads import NotAPackage, TooLarge
from slipway.interfaces.entrance.admission import NotAdmitted
from slipway.interfaces.live.live import TooManyViewers
from slipway.interfaces.sentences import (
    BROKEN,
    DATABASE_AWAY,
    NOT_THERE,
    SENTENCES,
    TOO_LARGE,
    UNREADABLE,
    WRONG_TYPE,
    in_json,
    sentence,
)
from slipway.ports import PackageRefused
from slipway.records.accounts.hashing import TooBusy
from slipway.records.accounts.operations.logins import TooManyAttempts, WrongPassword
from slipway.records.rows.database.outages import is_away

LOG = logging.getLogger("slipway.api")

_STATUS: dict[type[Refused], int] = {
    Invalid: 422,
    PackageRefused: 422,
    NotFound: 404,
    Forbidden: 403,
    NotAdmitted: 401,
    TooManyViewers: 429,
    TooManyAttempts: 429,
    TooBusy: 429,
    WrongPassword: 401,
    TooLarge: 413,
    NotAPackage: 415,
}


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal; 409 unless its kind says more."""
    return next((status for kind, status in _STATUS.items() if isinstance(refused, kind)), 409)


def refusal(refused: Refused) -> HttpResponse:
    """Return the answer that says why not."""
    return JsonResponse(in_json(refused.sentence), status=status_of(refused))


def answer_with_sentences(api: NinjaAPI) -> None:
    """Install the handlers: every error leaves as {"code", "message", "hint", "values"}."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _by_status)
    api.add_exception_handler(Http404, lambda request, _: sentence(request, NOT_THERE))
    api.add_exception_handler(RequestDataTooBig, lambda request, _: sentence(request, TOO_LARGE))
    api.add_exception_handler(UnreadablePostError, lambda request, _: sentence(request, UNREADABLE))
    api.add_exception_handler(DatabaseTrouble, _database_trouble)
    api.add_exception_handler(Exception, _broken)


def _refused(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Refused)
    return refusal(error)


def _invalid(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, ValidationError)
    return refusal(invalid(error.errors))


def _by_status(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, HttpError)
    if isinstance(error.__cause__, WrongType):
        return sentence(request, WRONG_TYPE)
    if isinstance(error.__cause__, RequestDataTooBig):
        return sentence(request, TOO_LARGE)
    return sentence(request, error.status_code if error.status_code in SENTENCES else UNREADABLE)


def _database_trouble(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if not (isinstance(error, Exception) and is_away(error)):
        return _broken(request, error)
    LOG.warning("the database did not answer %s %s: %s", request.method, request.path, error)
    return sentence(request, DATABASE_AWAY)


def _broken(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    LOG.error("%s %s broke", request.method, request.path, exc_info=error)  # type: ignore[arg-type]
    return sentence(request, BROKEN)
