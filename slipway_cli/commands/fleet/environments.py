"""Environments, and the keys that open their hosts."""

import sys
from pathlib import Path
from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import PolicyOptions, Yes
from slipway_cli.arguments.values import given
from slipway_cli.errors import Usage
from slipway_cli.language import Text, _, listed
from slipway_cli.printed.render import Column, Row, at_time, clean, lasting, out, say, time_said
from slipway_cli.session import Session

commands = Commands()
env = commands.group("env", "Named sets of hosts with their policy.")
key = commands.group("key", "Private keys for SSH, kept encrypted.")


def _window(row: Row) -> Text:
    begin, end = at_time("from")(row), time_said("until", row)
    return _("{begin} to {end}: {reason}", begin=begin, end=end, reason=row.get("reason") or "–")


ENVIRONMENT = (
    Column("name", "name"),
    Column("order", "order"),
    Column("batches", "batches"),
    Column("max unavailable", "max_unavailable"),
    Column("failure budget", "failure_budget"),
    Column("automatic rollback", "automatic_rollback"),
    Column("approvals", "approvals_needed"),
)
WHOLE_ENVIRONMENT = (
    *ENVIRONMENT,
    Column("guarded", "guarded"),
    Column("canary budget", "canary_budget"),
    Column("left-out budget", "left_out_budget"),
    Column("bake time", lasting("bake_time")),
    Column("progress deadline", lasting("progress_deadline")),
    Column("watch time", lasting("watch_time")),
    Column("patience", lasting("patience")),
    Column("a person promotes", "promotion_needed"),
    Column("named user needed", "named_user_needed"),
    Column("freeze windows", lambda row: listed(map(_window, row.get("freeze_windows") or ()))),
)
KEY = (
    Column("name", "name"),
    Column("environments", lambda row: listed(row.get("environments") or ())),
    Column("public key", "public_key"),
)

Name = Annotated[str, Argument("Its name.")]
KeyEnvironment = Annotated[str, Option("Whose hosts it opens.")]


@env.command("create")
def create_environment(session: Session, name: Name, policy: PolicyOptions) -> None:
    """Create an environment; what is not said gets its default."""
    made = session.api.post("/environments", {"name": name, **policy.fields()})
    session.done(_("Environment {name} is there.", name=name), made)


@env.command("change")
def change_environment(session: Session, name: Name, policy: PolicyOptions) -> None:
    """Change the policy of an environment; what is not said stays."""
    changed = session.api.patch(at("environments", name), policy.fields())
    session.done(_("Environment {name} is changed.", name=name), changed)


@env.command("list")
def list_environments(session: Session) -> None:
    """List the environments in their order."""
    rows = session.api.items("/environments")
    session.rows(rows, ENVIRONMENT, empty=_("There is no environment yet."))


@env.command("show")
def show_environment(session: Session, name: Name) -> None:
    """Show one environment with its policy."""
    session.thing(session.api.get(at("environments", name)), WHOLE_ENVIRONMENT)


@key.command("add")
def add_key(
    session: Session,
    name: Name,
    file: Annotated[str, Option("File of the private key; - reads it from input.")],
) -> None:
    """Give Slipway a private key; it is kept encrypted and never shown again."""
    made = session.api.post("/keys", {"name": name, "private_key": _private_key(file)})
    session.done(_("Key {name} is kept.", name=name), made)


@key.command("generate")
def generate_key(session: Session, name: Name) -> None:
    """Make a new ed25519 key and print its line for authorized_keys, alone, on standard output."""
    made = session.api.post("/keys", given(name=name))
    say(
        _(
            "Key {name} is made. Put its public key into ~/.ssh/authorized_keys on the hosts.",
            name=name,
        )
    )
    _print_line(session, made)


@key.command("show")
def show_key(session: Session, name: Name) -> None:
    """Print the line of a key for authorized_keys, alone, on standard output."""
    _print_line(session, session.api.get(at("keys", name)))


@key.command("list")
def list_keys(session: Session) -> None:
    """List the keys by their public halves."""
    session.rows(session.api.items("/keys"), KEY, empty=_("There is no key yet."))


@key.command("grant")
def grant_key(session: Session, name: Name, env: KeyEnvironment) -> None:
    """Let hosts of an environment be opened by a key; its admins may then add hosts with it."""
    granted = session.api.post(at("keys", name, "environments"), {"environment": env})
    session.done(_("Hosts of {env} may be opened by the key {name}.", env=env, name=name), granted)


@key.command("revoke")
def revoke_key(session: Session, name: Name, env: KeyEnvironment) -> None:
    """Let no host of an environment be opened by a key any more; refused while one is."""
    left = session.api.delete(at("keys", name, "environments", env))
    session.done(_("No host of {env} is opened by the key {name}.", env=env, name=name), left)


@key.command("remove")
def remove_key(session: Session, name: Name, yes: Yes = False) -> None:
    """Forget a key for good; refused while a host is opened by it."""
    session.confirm(_("Forget the key {name} for good?", name=name), yes=yes)
    forgotten = session.api.delete(at("keys", name))
    session.done(_("Key {name} is forgotten.", name=name), forgotten)


def _print_line(session: Session, made: Row) -> None:
    if session.is_json:
        session.thing(made, ())
    else:
        out(clean(f"{made['public_key']} {made['name']}"))


def _private_key(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        return Path(file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        said = _("The key {file} cannot be read: {error}.", file=file, error=error)
        raise Usage(said) from error
