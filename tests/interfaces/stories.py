"""A rollout's story without a database, and people who watch it."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError

from slipway.core.words.sentence import Sentence
from slipway.interfaces.live.at_once import SendNow
from slipway.interfaces.live.live import Live
from slipway.records.rollouts.ask.queries import Glance
from slipway.records.rows.sentences import Tell, told


@dataclass
class Part:
    state: str
    whole_rev: int
    lines: list[dict[str, Any]]
    rev: int

    def told(self, tell: Tell) -> dict[str, Any]:
        said = tell("state", Sentence.of("is", "it is {state}", state=self.state))
        return {"rollout": said, "cells": [], "lines": self.lines}


@dataclass
class Story:
    """A rollout that grows line by line, as the database would show it."""

    rev: int = 0
    state: str = "running"
    looks: int = 0
    glances: int = 0
    broken: int = 0
    trouble: Exception = field(default_factory=lambda: OperationalError("it is away"))
    most_lines: int = 10**6
    lines: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, count: int = 1) -> None:
        with self.lock:
            for _ in range(count):
                self.rev += 1
                self.lines.append({"rev": self.rev, "text": f"line {self.rev}"})

    def end(self) -> None:
        with self.lock:
            self.rev += 1
            self.state = "succeeded"

    def glance(self, _rollout_id: int) -> Glance:
        with self.lock:
            self.glances += 1
            return Glance(self.rev, self.state != "running")

    def look(self, _rollout_id: int, rev: int) -> Part:
        with self.lock:
            self.looks += 1
            if self.broken:
                self.broken -= 1
                raise self.trouble
            news = [line for line in self.lines if line["rev"] > rev]
            part = news[: self.most_lines]
            until = self.rev if len(part) == len(news) else part[-1]["rev"]
            return Part(self.state, self.rev, part, until)


class Bell:
    """Rings when the test says so."""

    def __init__(self) -> None:
        self.strokes: asyncio.Queue[int] = asyncio.Queue()

    def ring(self, rollout_id: int = 7) -> None:
        self.strokes.put_nowait(rollout_id)

    async def rings(self) -> AsyncIterator[int]:
        while True:
            yield await self.strokes.get()


@dataclass
class Watcher:
    """Somebody with a browser: keeps what arrived, and the last id."""

    live: Live
    name: str = "alice"
    last_id: int = -1
    seen: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    allowed: bool = True
    tell: Tell = told
    said: list[str] = field(default_factory=list)
    send_now: SendNow | None = None

    async def watch(self, messages: int = 10**6) -> None:
        """Listen until the stream ends, or hang up after some messages."""
        stream = self.live.watch(
            7, self.last_id, self.name, lambda: self.allowed, self.tell, self.send_now
        )
        async with contextlib.aclosing(stream):  # type: ignore[type-var]
            async for message in stream:
                self.take(message.decode())
                messages -= message.startswith(b"id:")
                if messages <= 0:
                    return

    def take(self, message: str) -> None:
        fields = dict(line.split(": ", 1) for line in message.strip().splitlines())
        self.events.append(fields.get("event", "comment" if "" in fields else "retry"))
        if "id" in fields:
            self.last_id = int(fields["id"])
        if fields.get("event") == "delta":
            data = json.loads(fields["data"])
            self.seen += [line["rev"] for line in data["lines"]]
            self.said.append(data["rollout"]["state"])
