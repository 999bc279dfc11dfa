"""Reads server-sent events from an open answer, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

from slipway_cli.errors import Failed, NoAnswer
from slipway_cli.language import _

LONGEST_LINE = 64 << 20


@dataclass(frozen=True, slots=True)
class StreamEvent:
    name: str
    data: str
    id: str = ""


def is_event_stream(response: HTTPResponse) -> bool:
    return response.headers.get_content_type() == "text/event-stream"


def read_events(response: HTTPResponse) -> Iterator[StreamEvent]:
    """Yield whole events until the stream ends; raise NoAnswer where it breaks."""
    fields: dict[str, list[str]] = {}
    last_id = ""
    for line in _lines(response):
        if not line:
            if "data" in fields or "event" in fields:
                name = fields.get("event", ["message"])[-1]
                yield StreamEvent(name, "\n".join(fields.get("data", [])), last_id)
            fields = {}
            continue
        name, _colon, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id" and "\0" not in value:
            last_id = value
        elif name:
            fields.setdefault(name, []).append(value)


def _lines(response: HTTPResponse) -> Iterator[str]:
    with response:
        while True:
            try:
                line = response.readline(LONGEST_LINE)
            except (HTTPException, OSError) as error:
                raise NoAnswer(_("The stream of events broke.")) from error
            if not line:
                return
            if not line.endswith(b"\n"):
                raise Failed(_("The server sent an event without an end."))
            yield line.decode("utf-8", errors="replace").rstrip("\r\n")
