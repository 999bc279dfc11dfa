"""Why something was done, in an answer: a person's words, or a sentence of the system's own."""

from typing import Any

from ninja import Schema

from slipway.records.fields.sentences import values_of


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
