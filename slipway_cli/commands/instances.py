"""Instances: one service on one host and port."""

from typing import Annotated, Any

import typer

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.render import Column, Row
from slipway_cli.session import Output, connect
from slipway_cli.values import given

app = typer.Typer()
instance = typer.Typer(help="One service on one host and port.", no_args_is_help=True)
app.add_typer(instance, name="instance")


def _locked(row: Row) -> Any:
    lock = row.get("locked")
    return lock.get("by") or "yes" if isinstance(lock, dict) else lock or ""


INSTANCES = (
    Column("id", "id"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("version", "version"),
    Column("seen", "seen_version"),
    Column("previous", "previous_version"),
    Column("status", "status"),
    Column("weight", "weight"),
    Column("locked", _locked),
)
INSTANCE = (
    *INSTANCES,
    Column("tag", "tag"),
    Column("maintenance", "is_maintain"),
    Column("description", "description"),
)

Id = Annotated[str, typer.Argument(metavar="ID", help="Number of the instance.")]


@instance.command("list")
def list_instances(
    ctx: typer.Context,
    service: Annotated[str, typer.Option(help="Only of this service.")] = "",
    env: Annotated[str, typer.Option(help="Only in this environment.")] = "",
    host: Annotated[str, typer.Option(help="Only on this host.")] = "",
    output: Output = None,
) -> None:
    """List instances: what should run, and what was last seen running."""
    session = connect(ctx, output)
    rows = session.api.items("/instances", service=service, environment=env, host=host)
    session.rows(rows, INSTANCES, empty="There is no such instance.")


@instance.command("show")
def show_instance(ctx: typer.Context, instance: Id, output: Output = None) -> None:
    """Show one instance."""
    session = connect(ctx, output)
    session.thing(session.api.get(at("instances", instance)), INSTANCE)


@instance.command("set")
def set_instance(
    ctx: typer.Context,
    instance: Id,
    weight: Annotated[int | None, typer.Option(min=0, max=1000, help="Share of traffic.")] = None,
    tag: Annotated[str | None, typer.Option(help="A word of your own.")] = None,
    description: Annotated[str | None, typer.Option(help="What is special about it.")] = None,
    maintain: Annotated[
        bool | None, typer.Option("--maintain/--no-maintain", help="Whether it is in maintenance.")
    ] = None,
    output: Output = None,
) -> None:
    """Change what is said about an instance; an empty text takes a tag or description away."""
    session = connect(ctx, output)
    changes = given(weight=weight, is_maintain=maintain)
    changes |= {
        name: text
        for name, text in (("tag", tag), ("description", description))
        if text is not None
    }
    if not changes:
        raise Usage("Say what to change.", hint="See `slipway instance set --help`.")
    document = session.api.patch(at("instances", instance), changes)
    session.done(f"Instance {instance} is changed.", document)
