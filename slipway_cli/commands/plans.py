"""Plans: what an operation would do, before anything moves."""

import typer

from slipway_cli.render import Column, Row, say
from slipway_cli.session import Output, Session, connect
from slipway_cli.spreading import spread
from slipway_cli.values import duration, size
from slipway_cli.wishes import DeployOptions, RevertOptions, Service, Version, WishOptions

app = typer.Typer()
plan = typer.Typer(help="Show what an operation would do; nothing moves.", no_args_is_help=True)
app.add_typer(plan, name="plan")

TARGETS = (
    Column("batch", "batch"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("from", "from_version"),
    Column("to", "to_version"),
    Column("to move", lambda row: size(row.get("bytes_to_move") or 0)),
    Column("note", "note"),
)


@plan.command("deploy")
@spread
def plan_deploy(
    ctx: typer.Context,
    service: Service,
    version: Version,
    wish: DeployOptions,
    output: Output = None,
) -> None:
    """What putting a service on hosts would do."""
    _show(connect(ctx, output), wish.body("deploy", service, version))


@plan.command("upgrade")
@spread
def plan_upgrade(
    ctx: typer.Context,
    service: Service,
    version: Version,
    wish: WishOptions,
    output: Output = None,
) -> None:
    """What bringing the instances to a version would do."""
    _show(connect(ctx, output), wish.body("upgrade", service, version))


@plan.command("rollback")
@spread
def plan_rollback(
    ctx: typer.Context, service: Service, wish: RevertOptions, output: Output = None
) -> None:
    """What going back would do."""
    _show(connect(ctx, output), wish.body("revert", service))


@plan.command("restart")
@spread
def plan_restart(
    ctx: typer.Context, service: Service, wish: WishOptions, output: Output = None
) -> None:
    """What restarting the instances would do."""
    _show(connect(ctx, output), wish.body("restart", service))


@plan.command("stop")
@spread
def plan_stop(
    ctx: typer.Context, service: Service, wish: WishOptions, output: Output = None
) -> None:
    """What stopping the instances would do."""
    _show(connect(ctx, output), wish.body("stop", service))


@plan.command("start")
@spread
def plan_start(
    ctx: typer.Context, service: Service, wish: WishOptions, output: Output = None
) -> None:
    """What starting the instances would do."""
    _show(connect(ctx, output), wish.body("start", service))


@plan.command("remove")
@spread
def plan_remove(
    ctx: typer.Context, service: Service, wish: WishOptions, output: Output = None
) -> None:
    """What taking the service off its hosts would do."""
    _show(connect(ctx, output), wish.body("delete", service))


def _show(session: Session, wish: dict[str, object]) -> None:
    document = session.api.post("/plans", wish)
    if session.is_json:
        session.thing(document, ())
        return
    session.rows(document["targets"], TARGETS, empty="The plan has no targets.")
    say(summary(document))
    for obstacle in document["obstacles"]:
        say(_obstacle(obstacle))
    say(f"To start exactly this: --plan-hash {document['hash']}")


def summary(document: Row) -> str:
    """Return the plan in one sentence."""
    batches = len(document["batches"])
    return (
        f"{len(document['targets'])} targets in {batches} {'batch' if batches == 1 else 'batches'},"
        f" at most {document['max_unavailable']} unavailable,"
        f" {size(document['bytes_to_move'])} to move,"
        f" about {duration(document['expected_seconds'])}."
    )


def _obstacle(obstacle: Row) -> str:
    word = "In the way" if obstacle["blocking"] else "Note"
    return " ".join(filter(None, [f"{word}: {obstacle['message']}", obstacle.get("hint")]))
