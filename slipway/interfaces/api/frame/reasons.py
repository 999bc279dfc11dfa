"""Sentences in an answer: the system's own as code and values, and persons' words beside them."""

from typing import Any

from ninja import Schema

from slipway.core.words.sentence import Sentence
from slipway.records.rows.sentences import values_of


class WithReason(Schema):
    """`reason` in English; where it is the system's, its code and values stand beside it."""

    reason: str
    reason_code: str
    reason_values: dict[str, Any]

    @staticmethod
    def resolve_reason(row: Any) -> str:
        return row.cause.english if row.cause else str(row.reason)

    @staticmethod
    def resolve_reason_code(row: Any) -> str:
        return row.cause.code if row.cause else ""

    @staticmethod
    def resolve_reason_values(row: Any) -> dict[str, Any]:
        return values_of(row.cause)


class SaidOut(Schema):
    """A sentence: its code and values, and what it says in English."""

    code: str
    message: str
    values: dict[str, Any]


def said_out(sentence: Sentence) -> dict[str, Any]:
    return {
        "code": sentence.code,
        "message": sentence.english,
        "values": values_of(sentence),
    }
