"""Answers to POST requests that came with an Idempotency-Key."""

from datetime import datetime, timedelta
from typing import Any

from slipway.core.words.refusal import Refused
from slipway.records.accounts.models import RememberedRequest, User
from slipway.records.rows.writing.uniqueness import refused_if_taken

KEPT_TIME = timedelta(days=7)


class RequestUnderWay(Refused):
    """The same request is being answered at this moment."""

    code = "idempotency_key_in_use"


def remember_answer(
    *, user: User, key: str, fingerprint: str, status: int, answer: Any, now: datetime
) -> None:
    """Keep the answer to a request, in the transaction of what it did. Raises RequestUnderWay.

    Of two requests with one key that come at once, the second is refused and does nothing.
    """
    refusal = RequestUnderWay(
        "This request was sent twice at the same time.", hint="Send it again to get its answer."
    )
    with refused_if_taken(refusal):
        RememberedRequest.objects.create(
            user=user,
            key=key,
            fingerprint=fingerprint,
            status=status,
            answer=answer,
            created_at=now,
        )


def forget_answers(*, now: datetime) -> int:
    """Forget answers older than a week; returns how many."""
    return RememberedRequest.objects.filter(created_at__lt=now - KEPT_TIME).delete()[0]
