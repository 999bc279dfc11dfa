"""Rollouts: what is being done, what was, and how to steer it."""

from typing import Annotated

import typer

from slipway_cli.client import at
from slipway_cli.narration import ending, opening
from slipway_cli.outcomes import answer
from slipway_cli.outcomes import watch as watch_to_end
from slipway_cli.render import Column, Row, say
from slipway_cli.session import Output, connect
from slipway_cli.wishes import Reason, Wait

app = typer.Typer()
rollout_app = typer.Typer(help="Operations, running and past.", no_args_is_help=True)
app.add_typer(rollout_app, name="rollout")

Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the rollout.")]

ROLLOUTS = (
    Column("id", "id"),
    Column("kind", "kind"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("version", "version"),
    Column("state", "state"),
    Column("by", "created_by"),
    Column("created at", "created_at"),
    Column("reverts", "reverts"),
)


def _step(row: Row) -> str:
    steps = row.get("steps") or []
    return str(steps[-1]["name"]) if steps else ""


TARGETS = (
    Column("batch", "batch"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("from", "from_version"),
    Column("to", "to_version"),
    Column("state", "state"),
    Column("attempts", "attempts"),
    Column("step", _step),
)


@rollout_app.command("list")
def list_rollouts(
    ctx: typer.Context,
    service: Annotated[str, typer.Option(help="Only of this service.")] = "",
    env: Annotated[str, typer.Option(help="Only in this environment.")] = "",
    state: Annotated[str, typer.Option(help="Only in this state, for example running.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    output: Output = None,
) -> None:
    """List rollouts, the newest first."""
    session = connect(ctx, output)
    rows = session.api.items("/rollouts", most=limit, service=service, environment=env, state=state)
    session.rows(rows, ROLLOUTS, empty="There is no such rollout.")


@rollout_app.command("show")
def show_rollout(ctx: typer.Context, rollout: Id, output: Output = None) -> None:
    """Show one rollout, target by target."""
    session = connect(ctx, output)
    document = session.api.get(at("rollouts", rollout))
    if session.is_json:
        session.thing(document, ())
        return
    say(opening(document))
    session.rows(document["targets"], TARGETS, empty="It has no targets.")
    for sentence in ending(document):
        say(sentence)


@rollout_app.command("watch")
def watch(ctx: typer.Context, rollout: Id, output: Output = None) -> None:
    """Follow a rollout to its end; exit code 0 only when it succeeded."""
    watch_to_end(connect(ctx, output), rollout)


@rollout_app.command("pause")
def pause(ctx: typer.Context, rollout: Id, reason: Reason = "", output: Output = None) -> None:
    """Hold: what runs ends, nothing new starts."""
    _steer(ctx, rollout, "pause", reason, output)


@rollout_app.command("resume")
def resume(ctx: typer.Context, rollout: Id, reason: Reason = "", output: Output = None) -> None:
    """Go on after a pause."""
    _steer(ctx, rollout, "resume", reason, output)


@rollout_app.command("promote")
def promote(ctx: typer.Context, rollout: Id, reason: Reason = "", output: Output = None) -> None:
    """Let the next batch start where a person has to say so."""
    _steer(ctx, rollout, "promote", reason, output)


@rollout_app.command("cancel")
def cancel(ctx: typer.Context, rollout: Id, reason: Reason = "", output: Output = None) -> None:
    """End it; every host is left at old or new, and `show` says which."""
    _steer(ctx, rollout, "cancel", reason, output)


@rollout_app.command("retry")
def retry(
    ctx: typer.Context,
    rollout: Id,
    reason: Reason = "",
    wait: Wait = False,
    output: Output = None,
) -> None:
    """Try again what has not succeeded; this is a new rollout."""
    session = connect(ctx, output)
    document = session.api.post(at("rollouts", rollout, "retry"), {"reason": reason})
    answer(session, document, wait=wait)


@rollout_app.command("rollback")
def roll_back(
    ctx: typer.Context,
    rollout: Id,
    reason: Reason = "",
    wait: Wait = False,
    output: Output = None,
) -> None:
    """Take back what it touched, each instance to its own earlier version; a new rollout."""
    session = connect(ctx, output)
    document = session.api.post(at("rollouts", rollout, "rollback"), {"reason": reason})
    answer(session, document, wait=wait)


def _steer(ctx: typer.Context, rollout: int, verb: str, reason: str, output: Output) -> None:
    session = connect(ctx, output)
    document = session.api.post(at("rollouts", rollout, verb), {"reason": reason})
    session.done(f"Rollout {rollout} is {document['state']}.", document)
