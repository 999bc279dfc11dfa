"""Locks: stop signs on a service in an environment."""

from typing import Annotated

import typer
from typer.core import TyperGroup

from slipway_cli.render import Column
from slipway_cli.session import Output, connect
from slipway_cli.values import given, seconds
from slipway_cli.wishes import Environment, Reason, Service


class LockGroup(TyperGroup):
    """`slipway lock billing` means `slipway lock set billing`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["set", *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
lock = typer.Typer(
    help="Stop signs. `slipway lock SERVICE --env ENV --reason WHY` sets one.",
    cls=LockGroup,
    no_args_is_help=True,
)
app.add_typer(lock, name="lock")

LOCKS = (
    Column("service", "service"),
    Column("environment", "environment"),
    Column("holder", lambda row: row.get("holder") or row.get("held_by")),
    Column("reason", "reason"),
    Column("since", lambda row: row.get("since") or row.get("created_at")),
    Column("until", "until"),
    Column("rollout", "rollout"),
)


@lock.command("set")
def set_lock(
    ctx: typer.Context,
    service: Service,
    env: Environment,
    reason: Annotated[str, typer.Option(help="Why; shown to everybody it stops.")],
    lasting: Annotated[
        str, typer.Option("--for", help="How long: 30m, 2h, 1d; else until it is released.")
    ] = "",
    output: Output = None,
) -> None:
    """Let nobody start an operation on a service in an environment."""
    session = connect(ctx, output)
    body = {"service": service, "environment": env, "reason": reason}
    made = session.api.post("/locks", body | given(**{"for": lasting and seconds(lasting)}))
    session.done(f"{service} is locked in {env}.", made)


@lock.command("list")
def list_locks(ctx: typer.Context, output: Output = None) -> None:
    """List the locks that hold now."""
    session = connect(ctx, output)
    session.rows(session.api.items("/locks"), LOCKS, empty="Nothing is locked.")


@app.command("unlock")
def unlock(
    ctx: typer.Context,
    service: Service,
    env: Environment,
    reason: Reason = "",
    output: Output = None,
) -> None:
    """Release a lock; another's needs the right to, and a reason."""
    session = connect(ctx, output)
    body = {"service": service, "environment": env} | given(reason=reason)
    session.done(f"{service} is free in {env}.", session.api.post("/locks/release", body))
