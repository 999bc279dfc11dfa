"""Follows a rollout to its end through lost connections and restarted servers."""

import json
import time
from collections.abc import Callable
from typing import Any

from slipway_cli.api.client import Client, at
from slipway_cli.api.events import StreamEvent, is_event_stream, read_events
from slipway_cli.api.patience import ServerPatience
from slipway_cli.errors import Failed, Interrupted, NoAnswer, Refused
from slipway_cli.following.narration import OVER, Board, Document, last_step
from slipway_cli.language import _, understood

QUIET_SECONDS = 45.0  # a stream that says nothing for so long is opened again
PAGE = 200

Say = Callable[[str], None]
Reply = Callable[[Document], None]  # to a rollout that asks
Show = Callable[[Board | None], None]  # how far it is; None: nobody knows for now


class NoStream(Exception):
    """The server, or a proxy before it, has no stream of events for us."""


def follow(client: Client, rollout: int, say: Say, reply: Reply, show: Show) -> Document:
    """Tell what happens until the rollout is over and return it whole; `reply` is called once for
    each question that comes up, and may end the watching, `show` after all that changes.

    Raises Interrupted on Ctrl-C, Failed when there was no answer for five minutes, Refused when
    the server no longer lets us look.
    """
    try:
        return _Watch(client, rollout, say, reply, show).run()
    except KeyboardInterrupt:
        raise Interrupted(
            _(
                "\nStopped watching; rollout {number} goes on."
                " Watch again: slipway rollout watch {number}",
                number=rollout,
            )
        ) from None


class _Watch:
    def __init__(self, client: Client, rollout: int, say: Say, reply: Reply, show: Show) -> None:
        self._client = client
        self._rollout = rollout
        self._say = say
        self._reply = reply
        self._show = show
        self._open: Document | None = None  # it asks, and had no reply yet
        self._board = Board()
        self._last_id = ""
        again = f"slipway rollout watch {rollout}"
        what = _("Rollout {number}", number=rollout)
        self._patience = ServerPatience(what, again, say, client.pauses)
        self._streams = True

    def run(self) -> Document:
        while True:
            try:
                self._answer()
                if self._streams:
                    self._stream()
                else:
                    self._poll()
                document: Document = self._client.get(at("rollouts", self._rollout))
                self._patience.heard()
            except NoStream:
                self._streams = False
                continue
            except Failed as error:
                self._show(None)
                self._patience.wait(error)
                continue
            if document["state"] in OVER:
                return document
            time.sleep(self._client.pauses.followed)

    def _stream(self) -> None:
        """Tell what the stream brings until it ends."""
        path = at("rollouts", self._rollout, "events")
        try:
            response = self._client.stream(path, after=self._last_id, answer_seconds=QUIET_SECONDS)
        except Refused as error:
            # Whether it is the stream or the rollout that we may not see, the next look tells.
            raise NoStream from error
        if not is_event_stream(response):
            response.close()
            raise NoStream
        for event in read_events(response):
            self._patience.heard()
            if event.name == "end":
                response.close()
                return
            self._take(event)

    def _take(self, event: StreamEvent) -> None:
        try:
            delta = understood(json.loads(event.data))
        except ValueError as error:
            raise NoAnswer(_("The server sent an event that cannot be read.")) from error
        if event.name == "delta":
            self._tell(delta)
        self._last_id = event.id or self._last_id

    def _poll(self) -> None:
        """Ask once for what a stream would have brought."""
        rollout = self._client.get(at("rollouts", self._rollout))
        log = self._client.get(
            at("rollouts", self._rollout, "log"), after=self._board.told_rev, limit=PAGE
        )
        self._tell({"rollout": rollout, "cells": _cells(rollout), "lines": log["items"]})

    def _tell(self, delta: dict[str, Any]) -> None:
        asked = self._board.asked
        for sentence in self._board.apply(delta):
            self._say(sentence)
        self._show(self._board)
        if self._board.asked != asked:
            self._open = delta["rollout"] if self._board.asked else None
            self._answer()

    def _answer(self) -> None:
        """Raises Failed when it did not get through: the question stays open."""
        if self._open is not None:
            self._reply(self._open)
            self._open = None


def _cells(rollout: Document) -> list[Document]:
    """Return a rollout's targets as the cells of its board."""
    return [
        {
            **target,
            "id": target.get("id") or (target["host"], target["port"]),
            "step": last_step(target),
        }
        for target in rollout.get("targets", [])
    ]
