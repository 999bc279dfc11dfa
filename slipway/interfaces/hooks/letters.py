"""Takes a webhook in: its bytes are bounded, and nothing is believed before the secret fits."""

import hashlib
import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from slipway.core.builds.orders import ServerKind
from slipway.core.words.refusal import Invalid, Refused
from slipway.interfaces.entrance.admission import BUCKETS, source_of
from slipway.interfaces.entrance.attempts import tell_stranger
from slipway.interfaces.entrance.buckets import Rate
from slipway.interfaces.hooks.proofs import NotProven, Proof, holds
from slipway.interfaces.json_bodies import UnreadableBody, read
from slipway.interfaces.sentences import (
    BROKEN,
    DATABASE_AWAY,
    TOO_LARGE,
    UNREADABLE,
    in_json,
    sentence,
)
from slipway.records.audit.operations import UNPROVEN_WEBHOOK
from slipway.records.builds.queries import hooks
from slipway.records.rows.database.outages import is_away

LOG = logging.getLogger("slipway.hooks")
# What names no service is compared with every secret there is: not often.
NAMELESS = Rate(per_second=1, burst=20)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_LONGEST_NAME = 1024
UNREADABLE_JSON = object()


@dataclass(frozen=True, slots=True)
class Letter:
    """What came, and nobody has vouched for yet."""

    headers: Mapping[str, str] = field(repr=False)  # a secret is among them
    body: bytes = field(repr=False)
    address: str
    at: datetime

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def values(self) -> object:
        """Return the body's JSON, or UNREADABLE_JSON."""
        try:
            return read(self.body)
        except UnreadableBody:
            return UNREADABLE_JSON

    def key(self, *names: str) -> str:
        """Return what tells it from others: the first of these headers, else its own bytes."""
        said = next((self.header(name) for name in names if self.header(name)), "")
        if _KEY.fullmatch(said):
            return said
        return hashlib.sha256(said.encode() or self.body).hexdigest()


Take = Callable[[Letter], None]
View = Callable[[HttpRequest], HttpResponse]


def receives(take: Take) -> View:
    """Make a view of what takes a letter: 202 once it is kept, whatever is done with it later."""

    @csrf_exempt
    @require_POST
    @wraps(take)
    def view(request: HttpRequest) -> HttpResponse:
        try:
            body = request.body
            take(Letter(request.headers, body, source_of(request), timezone.now()))
        except RequestDataTooBig:
            return sentence(request, TOO_LARGE)
        except UnreadablePostError:
            return sentence(request, UNREADABLE)
        except Refused as refused:
            if isinstance(refused, NotProven):
                name = request.path_info.strip("/").rpartition("/")[2]  # one of our three
                tell_stranger(UNPROVEN_WEBHOOK, source_of(request), (name, name))
            return _refused(refused)
        except DatabaseTrouble as error:
            return _not_taken(request, error)
        return JsonResponse({}, status=202)

    return view


def turn_away() -> NotProven:
    """Return the one answer to all who prove nothing, whatever was wrong."""
    return NotProven(
        "This is no webhook of ours: the secret does not fit, or nobody expects it.",
        hint="Compare the webhook's secret and project with those of the service in Slipway.",
    )


def prove(proof: Proof, candidates: Collection[hooks.Hooked]) -> list[hooks.Hooked]:
    """Return those of the services whose secret the letter knows. Raises NotProven if there are
    none."""
    proven = [one for one in candidates if holds(proof, one.secrets)]
    if not candidates:
        holds(proof, ())
    if not proven:
        raise turn_away()
    return proven


def require_any(letter: Letter, proof: Proof, kinds: Collection[ServerKind]) -> None:
    """For a letter that does not say what it is about. Raises NotProven unless it knows one of the
    secrets of those kinds of build servers (of all, if none are named)."""
    if BUCKETS.take(f"nameless {letter.address}", NAMELESS):
        raise turn_away()
    if not holds(proof, hooks.list_hook_secrets(kinds)):
        raise turn_away()


def no_json() -> Invalid:
    return Invalid("The body is no JSON.", hint="Send the webhook as application/json.")


def name_in(values: object, *path: str) -> str:
    """Return a text deep in what came, "" where there is none that could be a name."""
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    if isinstance(values, int) and not isinstance(values, bool) and 0 < values < 2**63:
        return str(values)
    is_name = isinstance(values, str) and values.isprintable() and len(values) <= _LONGEST_NAME
    return str(values) if is_name else ""


def _not_taken(request: HttpRequest, error: DatabaseTrouble) -> HttpResponse:
    if not is_away(error):
        LOG.error("a webhook at %s broke", request.path, exc_info=error)
        return sentence(request, BROKEN)
    LOG.warning("the database did not take a webhook at %s: %s", request.path, error)
    return sentence(request, DATABASE_AWAY)


def _refused(refused: Refused) -> HttpResponse:
    content = in_json(refused.sentence)
    return JsonResponse(content, status=401 if isinstance(refused, NotProven) else 422)
