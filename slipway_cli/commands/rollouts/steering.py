"""Steering a rollout under way: hold it, go on, answer it, end it, try again, take it back."""

from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument
from slipway_cli.arguments.options import Confirm, Reason, WaitOptions
from slipway_cli.commands.rollouts import rollouts
from slipway_cli.commands.rollouts.rollouts import Id
from slipway_cli.following.outcomes import answer
from slipway_cli.language import _, word
from slipway_cli.session import Session

commands, rollout_app = rollouts.commands, rollouts.rollout_app


@rollout_app.command("pause")
def pause(session: Session, rollout: Id, reason: Reason = "") -> None:
    """Hold: what runs ends, nothing new starts."""
    _steer(session, rollout, "pause", reason)


@rollout_app.command("resume")
def resume(session: Session, rollout: Id, reason: Reason = "", confirm: Confirm = "") -> None:
    """Go on after a pause."""
    _steer(session, rollout, "resume", reason, confirm)


@rollout_app.command("promote")
def promote(session: Session, rollout: Id, reason: Reason = "", confirm: Confirm = "") -> None:
    """Let the next batch start where a person has to say so."""
    _steer(session, rollout, "promote", reason, confirm)


@rollout_app.command("cancel")
def cancel(session: Session, rollout: Id, reason: Reason = "") -> None:
    """End it; every host is left at old or new, and `show` says which."""
    _steer(session, rollout, "cancel", reason)


@rollout_app.command("answer")
def answer_question(
    session: Session,
    rollout: Id,
    given: Annotated[str, Argument("go-on, without or cancel.", metavar="ANSWER")],
    reason: Reason = "",
    confirm: Confirm = "",
) -> None:
    """Answer what a rollout asks; `show` says what that is."""
    body = {"answer": given, "reason": reason}
    document = session.begin(at("rollouts", rollout, "answer"), body, confirm)
    session.done(_("Rollout {number} has its answer.", number=rollout), document)


@rollout_app.command("gone")
def say_gone(
    session: Session,
    rollout: Id,
    place: Annotated[str, Argument("Which instance: HOST or HOST:PORT.", metavar="PLACE")],
    reason: Reason = "",
    confirm: Confirm = "",
) -> None:
    """Say that an instance of which nothing is known is gone: it is waited for no more."""
    body = {"place": place, "reason": reason}
    document = session.begin(at("rollouts", rollout, "gone"), body, confirm)
    said = _("Rollout {number} waits for {place} no more.", number=rollout, place=place)
    session.done(said, document)


@rollout_app.command("retry")
def retry(session: Session, rollout: Id, waits: WaitOptions, reason: Reason = "") -> None:
    """Try again what has not succeeded; this is a new rollout."""
    begin_next(session, rollout, "retry", waits, reason)


@rollout_app.command("rollback")
def roll_back(session: Session, rollout: Id, waits: WaitOptions, reason: Reason = "") -> None:
    """Take back what it touched, each instance to its own earlier version; a new rollout."""
    begin_next(session, rollout, "rollback", waits, reason)


def begin_next(session: Session, rollout: int, verb: str, waits: WaitOptions, reason: str) -> None:
    """Begin the rollout that `verb` makes of this one, and follow it as far as was asked."""
    waits.check()
    path = at("rollouts", rollout, verb)
    document = session.begin(path, {"reason": reason}, waits.confirm)
    answer(session, document, waits)


def _steer(session: Session, rollout: int, verb: str, reason: str, confirm: str = "") -> None:
    document = session.begin(at("rollouts", rollout, verb), {"reason": reason}, confirm)
    state = word("state", str(document["state"]))
    session.done(_("Rollout {number} is {state}.", number=rollout, state=state), document)
