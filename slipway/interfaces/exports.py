"""The audit to take along: exactly the events that were asked for, as CSV or JSON, streamed."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from slipway.interfaces.downloads import in_pieces, streamed
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.entrance.doorway import wants_only_head
from slipway.interfaces.events import row_of
from slipway.records.audit.operations import note_export
from slipway.records.audit.queries import EventFilter, every_event

MOST_EXPORTED = 20_000  # events at once: whoever wants more takes one time after the other
_COLUMNS = (
    *("id", "at", "by", "token", "source", "verb", "what", "thing_kind", "thing_id", "thing_name"),
    *("service", "environment", "reason", "before", "after"),
)
# A spreadsheet would take for a formula what begins so.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class ExportFormat(StrEnum):
    CSV = "csv"
    JSON = "json"


def audit_export(
    request: HttpRequest,
    kind: ExportFormat,
    wanted: EventFilter,
    said: Mapping[str, str],
    now: datetime,
) -> HttpResponseBase:
    """Return the newest of the events that were asked for, and keep that they were taken along;
    `said` are the filters as they were asked for. Raises TooManyViewers."""
    actor = asker(request)
    events = map(row_of, every_event(actor=actor, wanted=wanted, most=MOST_EXPORTED))
    lines = _csv(events) if kind is ExportFormat.CSV else _json(events)
    answer = streamed(request, (piece.encode() for piece in in_pieces(lines)), reads_rows=True)
    if not wants_only_head(request):
        filters = {name: text for name, text in said.items() if text}
        note_export(by=actor, now=now, kind=kind.value, filters=filters)
    name = f"audit-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.{kind}"
    content = "text/csv; charset=utf-8" if kind is ExportFormat.CSV else "application/json"
    answer.headers["Content-Type"] = content
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _csv(events: Iterator[dict[str, Any]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for event in events:
        writer.writerow([_cell(value) for value in event.values()])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _json(events: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield "["
    comma = ""
    for event in events:
        yield f"{comma}\n{json.dumps(event, ensure_ascii=False)}"
        comma = ","
    yield "\n]\n"
