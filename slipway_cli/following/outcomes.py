"""Answers with a rollout: at once, or followed to its end with the exit code that tells."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slipway_cli.api.client import at
from slipway_cli.arguments.options import WaitOptions
from slipway_cli.errors import AlreadyPrinted, NobodyAnswers, Refused
from slipway_cli.following.narration import Board, ending, opening
from slipway_cli.following.standing import standing
from slipway_cli.following.watch import follow
from slipway_cli.language import _
from slipway_cli.printed.line import LiveLine
from slipway_cli.printed.render import as_json, out, say
from slipway_cli.session import Session, somebody_is_here

NOTHING_TO_DO, NOTHING_ASKED = "nothing_to_do", "nothing_asked"

Document = dict[str, Any]


def answer(session: Session, document: Document, waits: WaitOptions) -> None:
    """Answer a request that starts a rollout: at once, or at the end of the rollout."""
    if document.get("code") == NOTHING_TO_DO:
        session.done(document["message"], document)
        return
    say(opening(document))
    if waits.wait:
        watch(session, int(document["id"]), waits.reply, confirm=waits.confirm)
        return
    session.done(_("Watch it: {command}", command=_watching(document["id"])), document)


def watch(session: Session, rollout: int, reply: str = "", *, confirm: str = "") -> None:
    """Follow a rollout; exit 1 unless it succeeded, 3 where it asks and nobody is here to answer.
    What it takes back is part of it."""
    with LiveLine() as line:
        to = replying(session, rollout, reply, confirm)

        def show(board: Board | None) -> None:
            line.show(partial(standing, board) if board else None)

        def answering(asking: Document) -> None:
            with line.hidden():
                to(asking)

        final = follow(session.api, rollout, line.say, answering, show)
    for sentence in ending(final):
        say(sentence)
    if session.is_json:
        out(as_json(final))
    if final["state"] != "succeeded":
        raise AlreadyPrinted


def replying(
    session: Session, rollout: int, reply: str, confirm: str
) -> Callable[[Document], None]:
    """Return what answers a rollout that asks: with `reply` where it fits; else a person at this
    terminal has read the question, and without one the watching ends."""

    def to(asking: Document) -> None:
        asks = asking["asks"]
        if reply in asks["answers"]:
            _send(session, rollout, reply, confirm)
        elif not somebody_is_here():
            raise NobodyAnswers(
                _("Rollout {number} asks: {question}", number=rollout, question=asks["question"]),
                hint=_(
                    "--answer {answers} answers at once. Watch again: {command}",
                    answers="|".join(asks["answers"]),
                    command=_watching(rollout),
                ),
            )

    return to


def _send(session: Session, rollout: int, reply: str, confirm: str) -> None:
    try:
        session.begin(at("rollouts", rollout, "answer"), {"answer": reply}, confirm)
    except Refused as refused:
        if refused.code != NOTHING_ASKED:
            raise
        return  # somebody was faster, or its reason is gone
    say(_("Answered: {reply}.", reply=reply))


def _watching(rollout: object) -> str:
    return f"slipway rollout watch {rollout}"
