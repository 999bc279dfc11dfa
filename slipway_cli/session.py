"""What a command works with: the server it talks to, as whom, and how it answers."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slipway_cli import contexts
from slipway_cli.api.client import Client
from slipway_cli.api.patience import PAUSES, Pauses
from slipway_cli.contexts import Context
from slipway_cli.errors import Refused, Usage
from slipway_cli.language import _, told
from slipway_cli.printed.render import (
    Column,
    Row,
    as_json,
    out,
    padded,
    say,
    table,
    wants_colour,
    width,
)

UNCONFIRMED = "unconfirmed"


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


@dataclass(slots=True)
class Settings:
    """What was said before the command's name, kept for the command and for its errors; and how
    often it asks."""

    context: str = ""
    ca_file: str = ""
    output: Format = Format.TABLE
    pauses: Pauses = PAUSES


@dataclass(frozen=True, slots=True)
class Session:
    api: Client
    settings: Settings

    @property
    def is_json(self) -> bool:
        return self.settings.output is Format.JSON

    def rows(self, rows: Sequence[Row], columns: Sequence[Column], *, empty: str) -> None:
        """Answer with a list: one JSON array, or a table, or the sentence that it is empty."""
        if self.is_json:
            out(as_json(list(rows)))
        elif rows:
            lines = table(rows, columns, colour=wants_colour(sys.stdout))
            out("\n".join(lines))
        else:
            say(empty)

    def thing(self, document: Row, columns: Sequence[Column]) -> None:
        """Answer with one thing: the JSON document, or its fields one below the other."""
        if self.is_json:
            out(as_json(document))
            return
        shown = [(column.title, column.text(document).told) for column in columns]
        room = max(width(heading) for heading, _text in shown)
        out("\n".join(f"{padded(heading, room)}  {text}".rstrip() for heading, text in shown))

    def done(self, sentence: str, document: Any = None) -> None:
        """Say what was done, and answer with the document where a program asks."""
        say(sentence)
        if self.is_json:
            out(as_json(document))

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before what cannot be taken back; only a person at a terminal is asked."""
        if yes or self.is_json or not somebody_is_here():
            return
        sys.stderr.write(f"{told(question)} [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Refused(_("Nothing was done."), code="not_confirmed")

    def begin(self, path: str, body: dict[str, Any], confirm: str = "") -> Any:
        """Send what starts or widens work. Where the environment is guarded a person at a terminal
        is asked for its name, unless `confirm` is it; a program is taken at its word."""
        if not confirm and (self.is_json or not somebody_is_here()):
            return self.api.post(path, body)
        try:
            return self.api.post(path, body | {"confirm": confirm})
        except Refused as refused:
            if refused.code != UNCONFIRMED or confirm:
                raise
            sys.stderr.write(f"{told(refused.message)} ")
        sys.stderr.flush()
        return self.api.post(path, body | {"confirm": sys.stdin.readline().strip()})


def somebody_is_here() -> bool:
    """Whether a person at a terminal can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def connect(settings: Settings) -> Session:
    """Return the session of this call; raise Usage when no server or token is known."""
    context = chosen_context(settings)
    if not context.url:
        raise Usage(
            _("No server is set."),
            hint=_("Run `slipway login URL`, or set SLIPWAY_URL and SLIPWAY_TOKEN."),
        )
    if not context.token:
        raise Usage(
            _("There is no token for {url}.", url=context.url),
            hint=_("Run `slipway login {url}`, or set SLIPWAY_TOKEN.", url=context.url),
        )
    client = Client(
        context.url, token=context.token, ca_file=context.ca_file, pauses=settings.pauses
    )
    return Session(client, settings)


def chosen_context(settings: Settings) -> Context:
    """Return server, token and CA: an option beats the environment, that beats what was saved."""
    ca_file = settings.ca_file or os.environ.get("SLIPWAY_CA", "")
    if settings.context:
        saved = contexts.load().get(settings.context)
        return Context(saved.url, saved.token, ca_file or saved.ca_file)
    url = os.environ.get("SLIPWAY_URL", "").rstrip("/")
    token = os.environ.get("SLIPWAY_TOKEN", "").strip()
    if url and token:
        return Context(url, token, ca_file)
    saved_contexts = contexts.load()
    saved = saved_contexts.by_name.get(saved_contexts.current, Context(""))
    if url and url != saved.url:
        # A saved token belongs to the server that gave it and is shown to no other.
        return Context(url, token, ca_file)
    return Context(saved.url, token or saved.token, ca_file or saved.ca_file)
