"""The operations on instances; each is a rollout."""

from typing import Annotated

import typer

from slipway_cli.client import at
from slipway_cli.outcomes import answer
from slipway_cli.session import Output, Session, connect
from slipway_cli.spreading import spread
from slipway_cli.wishes import (
    DeployOptions,
    Reason,
    RevertOptions,
    Service,
    StartOptions,
    Version,
    Wait,
    WishOptions,
)

app = typer.Typer()


@app.command("deploy")
@spread
def deploy(
    ctx: typer.Context,
    service: Service,
    version: Version,
    wish: DeployOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Put a service on hosts where it is not yet."""
    _begin(connect(ctx, output), wish.body("deploy", service, version), start)


@app.command("upgrade")
@spread
def upgrade(
    ctx: typer.Context,
    service: Service,
    version: Version,
    wish: WishOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Bring the instances of a service to a version."""
    _begin(connect(ctx, output), wish.body("upgrade", service, version), start)


@app.command("rollback")
@spread
def rollback(
    ctx: typer.Context,
    service: Service,
    wish: RevertOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Go back: each instance to its own earlier version, or all to one."""
    _begin(connect(ctx, output), wish.body("revert", service), start)


@app.command("restart")
@spread
def restart(
    ctx: typer.Context,
    service: Service,
    wish: WishOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Restart the instances, batch by batch."""
    _begin(connect(ctx, output), wish.body("restart", service), start)


@app.command("stop")
@spread
def stop(
    ctx: typer.Context,
    service: Service,
    wish: WishOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Stop the instances; they stay where they are."""
    _begin(connect(ctx, output), wish.body("stop", service), start)


@app.command("start")
@spread
def start_instances(
    ctx: typer.Context,
    service: Service,
    wish: WishOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Start stopped instances."""
    _begin(connect(ctx, output), wish.body("start", service), start)


@app.command("remove")
@spread
def remove(
    ctx: typer.Context,
    service: Service,
    wish: WishOptions,
    start: StartOptions,
    output: Output = None,
) -> None:
    """Stop the instances and take the service off their hosts; the history stays."""
    session = connect(ctx, output)
    place = wish.hosts or f"every host in {wish.env}"
    session.confirm(f"Remove {service} from {place}?", yes=start.yes)
    _begin(session, wish.body("delete", service), start)


@app.command("retry")
def retry(
    ctx: typer.Context,
    rollout: Annotated[int, typer.Argument(min=1, help="Number of the rollout.")],
    reason: Reason = "",
    wait: Wait = False,
    output: Output = None,
) -> None:
    """Try again what has not succeeded in a rollout."""
    session = connect(ctx, output)
    document = session.api.post(at("rollouts", rollout, "retry"), {"reason": reason})
    answer(session, document, wait=wait)


def _begin(session: Session, wish: dict[str, object], start: StartOptions) -> None:
    answer(session, session.api.post("/rollouts", wish | start.body()), wait=start.wait)
