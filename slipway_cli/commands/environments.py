"""Environments, and the keys that open their hosts."""

from pathlib import Path
from typing import Annotated

import typer

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.render import Column, say
from slipway_cli.session import Output, connect
from slipway_cli.spreading import spread
from slipway_cli.values import given
from slipway_cli.wishes import PolicyOptions

app = typer.Typer()
env = typer.Typer(help="Named sets of hosts with their policy.", no_args_is_help=True)
key = typer.Typer(help="Private keys for SSH, kept encrypted.", no_args_is_help=True)
app.add_typer(env, name="env")
app.add_typer(key, name="key")

ENVIRONMENT = (
    Column("name", "name"),
    Column("order", "order"),
    Column("batches", "batches"),
    Column("max unavailable", "max_unavailable"),
    Column("failure budget", "failure_budget"),
    Column("automatic rollback", "automatic_rollback"),
    Column("approvals", "approvals_needed"),
)
KEY = (Column("name", "name"), Column("public key", "public_key"))

Name = Annotated[str, typer.Argument(help="Its name.")]


@env.command("create")
@spread
def create_environment(
    ctx: typer.Context, name: Name, policy: PolicyOptions, output: Output = None
) -> None:
    """Create an environment; what is not said gets its default."""
    session = connect(ctx, output)
    made = session.api.post("/environments", {"name": name, **policy.fields()})
    session.done(f"Environment {name} is there.", made)


@env.command("change")
@spread
def change_environment(
    ctx: typer.Context, name: Name, policy: PolicyOptions, output: Output = None
) -> None:
    """Change the policy of an environment; what is not said stays."""
    session = connect(ctx, output)
    changed = session.api.patch(at("environments", name), policy.fields())
    session.done(f"Environment {name} is changed.", changed)


@env.command("list")
def list_environments(ctx: typer.Context, output: Output = None) -> None:
    """List the environments in their order."""
    session = connect(ctx, output)
    session.rows(
        session.api.items("/environments"), ENVIRONMENT, empty="There is no environment yet."
    )


@env.command("show")
def show_environment(ctx: typer.Context, name: Name, output: Output = None) -> None:
    """Show one environment with its policy."""
    session = connect(ctx, output)
    session.thing(session.api.get(at("environments", name)), ENVIRONMENT)


@key.command("add")
def add_key(
    ctx: typer.Context,
    name: Name,
    file: Annotated[str, typer.Option(help="File of the private key; - reads it from input.")],
    output: Output = None,
) -> None:
    """Give Slipway a private key; it is kept encrypted and never shown again."""
    session = connect(ctx, output)
    made = session.api.post("/keys", {"name": name, "private_key": _private_key(file)})
    session.done(f"Key {name} is kept.", made)


@key.command("generate")
def generate_key(ctx: typer.Context, name: Name, output: Output = None) -> None:
    """Make a new ed25519 key and print the public half for authorized_keys."""
    session = connect(ctx, output)
    made = session.api.post("/keys", given(name=name))
    say(f"Key {name} is made. Put its public key into ~/.ssh/authorized_keys on the hosts.")
    session.thing(made, KEY[1:])


@key.command("list")
def list_keys(ctx: typer.Context, output: Output = None) -> None:
    """List the keys by their public halves."""
    session = connect(ctx, output)
    session.rows(session.api.items("/keys"), KEY, empty="There is no key yet.")


def _private_key(file: str) -> str:
    try:
        if file == "-":
            return typer.get_text_stream("stdin").read()
        return Path(file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"The key {file} cannot be read: {error}.") from error
