"""One who listens to server-sent events."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.interfaces.server import Answer

WITHIN = 20.0  # seconds


@dataclass
class Listener:
    """Reads server-sent events."""

    events: list[tuple[str, str, Any]] = field(default_factory=list)  # (id, event, data)

    async def read(self, answer: Answer, until: str) -> None:
        """Listen until an event's data holds `until`, or the stream ends."""
        rest = b""
        async with asyncio.timeout(WITHIN):
            async for piece in answer:
                *whole, rest = (rest + piece).split(b"\n\n")
                for message in whole:
                    self.take(message.decode())
                if any(until in json.dumps(event) for event in self.events):
                    return

    def take(self, message: str) -> None:
        fields = dict(line.split(": ", 1) for line in message.splitlines())
        if "event" in fields:
            self.events.append((fields["id"], fields["event"], json.loads(fields["data"])))

    def cells(self) -> dict[str, str]:
        """The state of each host, as a board would show it now."""
        return {
            cell["host"]: cell["state"]
            for _, event, data in self.events
            if event == "delta"
            for cell in data["cells"]
        }

    def texts(self) -> list[str]:
        return [
            line["text"]
            for _, event, data in self.events
            if event == "delta"
            for line in data["lines"]
        ]

    @property
    def last_id(self) -> str:
        return self.events[-1][0]
