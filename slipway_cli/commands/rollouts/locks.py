"""Locks: stop signs on a service in an environment."""

from typing import Annotated

from slipway_cli.arguments.grammar import Commands, Option
from slipway_cli.arguments.options import Environment, Reason, Service
from slipway_cli.arguments.values import given, seconds
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time
from slipway_cli.session import Session

commands = Commands()
lock = commands.group(
    "lock", "Stop signs: `slipway lock SERVICE --env ENV --reason WHY` sets one.", default="set"
)

LOCKS = (
    Column("service", "service"),
    Column("environment", "environment"),
    Column("holder", "holder"),
    Column("reason", "reason"),
    Column("since", at_time("since")),
    Column("until", at_time("until")),
    Column("rollout", "rollout"),
)


@lock.command("set")
def set_lock(
    session: Session,
    service: Service,
    env: Environment,
    reason: Annotated[str, Option("Why; shown to everybody it stops.")],
    lasting: Annotated[
        str, Option("How long: 30m, 2h, 1d; else until it is released.", flags=("--for",))
    ] = "",
) -> None:
    """Let nobody start an operation on a service in an environment."""
    body = {"service": service, "environment": env, "reason": reason}
    made = session.api.post("/locks", body | given(**{"for": lasting and seconds(lasting)}))
    session.done(_("{service} is locked in {env}.", service=service, env=env), made)


@lock.command("list")
def list_locks(session: Session) -> None:
    """List the locks that hold now."""
    session.rows(session.api.items("/locks"), LOCKS, empty=_("Nothing is locked."))


@commands.command("unlock")
def unlock(session: Session, service: Service, env: Environment, reason: Reason = "") -> None:
    """Release a lock; another's needs the right to, and a reason."""
    body = {"service": service, "environment": env} | given(reason=reason)
    freed = session.api.post("/locks/release", body)
    session.done(_("{service} is free in {env}.", service=service, env=env), freed)
