"""Remembers the answer to a POST by its Idempotency-Key, in the transaction of the change."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from ninja import Schema
from ninja.responses import Response

from slipway.core.words.refusal import Invalid, Refused
from slipway.interfaces.api.frame.refusals import refusal
from slipway.interfaces.entrance.admission import PUBLIC_ROUTES
from slipway.interfaces.sentences import TOO_LARGE, sentence
from slipway.records.accounts import queries
from slipway.records.accounts.operations import requests
from slipway.records.accounts.rights import Actor

Run = Callable[..., Any]
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class KeyUsedTwice(Invalid):
    """The key came before, with another request (HTTP 422)."""

    code = "idempotency_key_reused"


class ShownOnce(Refused):
    """The answer held a secret, which is not kept."""

    code = "shown_once"


def remembering(run: Run) -> Run:
    """Wrap an endpoint: the same key and request again is the same answer, and changes nothing."""

    def run_once(request: HttpRequest, **values: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        actor = getattr(request, "actor", None)
        if key is None or actor is None or actor.user is None or not _is_remembered(request):
            return run(request, **values)
        try:
            return _answer(run, request, values, actor, checked_key(key))
        except Refused as refused:
            return refusal(refused)
        except RequestDataTooBig:
            return sentence(request, TOO_LARGE)

    return run_once


def checked_key(key: str) -> str:
    """Return `key`. Raises Invalid when it cannot be one."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            "The Idempotency-Key cannot be used.",
            hint="Send 1 to 128 visible ASCII characters, a UUID for example.",
        )
    return key


def fingerprint(request: HttpRequest, body: bytes) -> str:
    """Return what tells this request from others; keyed, for the body may hold a password."""
    said = f"{request.method} {request.get_full_path()}\n".encode() + body
    return salted_hmac("slipway.idempotency", said, algorithm="sha256").hexdigest()


def recall(actor: Actor, key: str, mark: str) -> HttpResponse | None:
    """Return the remembered answer. Raises KeyUsedTwice when it was another request's."""
    remembered = queries.recall_answer(actor.person, key)
    if remembered is None:
        return None
    if remembered.fingerprint != mark:
        raise KeyUsedTwice(
            "This Idempotency-Key was used before, for another request.",
            hint="Use a new key for each new request.",
        )
    if remembered.answer.get("token", "") is None:
        raise ShownOnce(
            "This was done already, and its answer held a secret that is shown only once.",
            hint="Revoke the token and make another one.",
        )
    return JsonResponse(remembered.answer, status=remembered.status)


def remember(actor: Actor, key: str, mark: str, status: int, answer: dict[str, Any]) -> None:
    """Keep the answer, without the secret it may hold."""
    kept = {**answer, "token": None} if answer.get("token") else answer
    requests.remember_answer(
        user=actor.person, key=key, fingerprint=mark, status=status, answer=kept, now=timezone.now()
    )


class Reminder:
    """For an endpoint that reads its own body: `sha256` stands for the bytes, where it is given."""

    def __init__(self, request: HttpRequest, actor: Actor, sha256: str) -> None:
        key = request.headers.get("Idempotency-Key")
        self._actor = actor
        # Without the sum of its bytes nobody can tell whether it is the same request.
        self._key = checked_key(key) if key and sha256 else ""
        self._mark = fingerprint(request, b"")

    def recall(self) -> HttpResponse | None:
        """Return what the same request was answered before. Raises KeyUsedTwice."""
        if not self._key or self._actor.user is None:
            return None
        return recall(self._actor, self._key, self._mark)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Make the change and its remembered answer one transaction."""
        with transaction.atomic():
            yield

    def answer(self, status: int, content: Schema) -> HttpResponse:
        """Remember the answer and return it."""
        response = Response(content.model_dump(), status=status)
        if self._key and self._actor.user is not None:
            remember(self._actor, self._key, self._mark, status, _content(response))
        return response


def _is_remembered(request: HttpRequest) -> bool:
    # The upload remembers by itself, for its body is not read here. A failed login must leave its
    # trace, so it is never part of a transaction that can be undone.
    match = request.resolver_match
    is_public = match is not None and match.route in PUBLIC_ROUTES
    is_upload = request.content_type == "application/octet-stream"
    return request.method == "POST" and not is_upload and not is_public


def _answer(
    run: Run, request: HttpRequest, values: dict[str, Any], actor: Actor, key: str
) -> HttpResponse:
    mark = fingerprint(request, request.body)
    if (remembered := recall(actor, key, mark)) is not None:
        return remembered
    try:
        with transaction.atomic():
            response: HttpResponse = run(request, **values)
            if response.status_code < 300:
                remember(actor, key, mark, response.status_code, _content(response))
            else:
                transaction.set_rollback(True)
    except requests.RequestUnderWay as refused:
        response = refusal(refused)
    if response.status_code < 300:
        return response
    # Refused, perhaps only because the same request was faster a moment ago.
    return recall(actor, key, mark) or response


def _content(response: HttpResponse) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(response.content) if response.content else {}
    return content
