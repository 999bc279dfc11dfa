"""Environments, and the keys that open their hosts."""

import sys
from pathlib import Path
from typing import Annotated

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.grammar import Argument, Commands, Option
from slipway_cli.render import Column, say
from slipway_cli.session import Session
from slipway_cli.values import given
from slipway_cli.wishes import PolicyOptions

commands = Commands()
env = commands.group("env", "Named sets of hosts with their policy.")
key = commands.group("key", "Private keys for SSH, kept encrypted.")

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

Name = Annotated[str, Argument("Its name.")]


@env.command("create")
def create_environment(session: Session, name: Name, policy: PolicyOptions) -> None:
    """Create an environment; what is not said gets its default."""
    made = session.api.post("/environments", {"name": name, **policy.fields()})
    session.done(f"Environment {name} is there.", made)


@env.command("change")
def change_environment(session: Session, name: Name, policy: PolicyOptions) -> None:
    """Change the policy of an environment; what is not said stays."""
    changed = session.api.patch(at("environments", name), policy.fields())
    session.done(f"Environment {name} is changed.", changed)


@env.command("list")
def list_environments(session: Session) -> None:
    """List the environments in their order."""
    session.rows(
        session.api.items("/environments"), ENVIRONMENT, empty="There is no environment yet."
    )


@env.command("show")
def show_environment(session: Session, name: Name) -> None:
    """Show one environment with its policy."""
    session.thing(session.api.get(at("environments", name)), ENVIRONMENT)


@key.command("add")
def add_key(
    session: Session,
    name: Name,
    file: Annotated[str, Option("File of the private key; - reads it from input.")],
) -> None:
    """Give Slipway a private key; it is kept encrypted and never shown again."""
    made = session.api.post("/keys", {"name": name, "private_key": _private_key(file)})
    session.done(f"Key {name} is kept.", made)


@key.command("generate")
def generate_key(session: Session, name: Name) -> None:
    """Make a new ed25519 key and print the public half for authorized_keys."""
    made = session.api.post("/keys", given(name=name))
    say(f"Key {name} is made. Put its public key into ~/.ssh/authorized_keys on the hosts.")
    session.thing(made, KEY[1:])


@key.command("list")
def list_keys(session: Session) -> None:
    """List the keys by their public halves."""
    session.rows(session.api.items("/keys"), KEY, empty="There is no key yet.")


def _private_key(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        return Path(file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"The key {file} cannot be read: {error}.") from error
