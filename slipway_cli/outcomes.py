"""Answers with a rollout: at once, or followed to its end with the exit code that tells."""

from typing import Any

from slipway_cli.errors import Answered
from slipway_cli.narration import ending, opening
from slipway_cli.render import as_json, out, say
from slipway_cli.session import Session
from slipway_cli.watch import follow

NOTHING_TO_DO = "nothing_to_do"

Document = dict[str, Any]


def answer(session: Session, document: Document, *, wait: bool) -> None:
    """Answer a request that starts a rollout; with `wait`, at the end of the rollout."""
    if document.get("code") == NOTHING_TO_DO:
        session.done(str(document["message"]), document)
        return
    say(opening(document))
    if wait:
        watch(session, int(document["id"]))
        return
    session.done(f"Watch it: slipway rollout watch {document['id']}", document)


def watch(session: Session, rollout: int) -> None:
    """Follow a rollout; exit 1 unless it succeeded. What it takes back is part of it."""
    final = follow(session.api, rollout, say)
    for sentence in ending(final):
        say(sentence)
    if session.is_json:
        out(as_json(final))
    if final["state"] != "succeeded":
        raise Answered
