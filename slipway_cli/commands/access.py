"""Who may do what: tokens, people, grants."""

import getpass
import sys
from typing import Annotated

import typer

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.render import Column, out, say
from slipway_cli.session import Output, connect
from slipway_cli.values import given, seconds
from slipway_cli.wishes import Yes

app = typer.Typer()
token = typer.Typer(help="Keys for programs: a role, a scope, an end.", no_args_is_help=True)
user = typer.Typer(help="People.", no_args_is_help=True)
grant = typer.Typer(help="Roles of people in services and environments.", no_args_is_help=True)
app.add_typer(token, name="token")
app.add_typer(user, name="user")
app.add_typer(grant, name="grant")

TOKENS = (
    Column("prefix", "prefix"),
    Column("name", "name"),
    Column("role", "role"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("expires at", "expires_at"),
    Column("last used", "last_used_at"),
)
USERS = (
    Column("username", "username"),
    Column("superuser", "is_superuser"),
    Column("active", "is_active"),
)
GRANTS = (
    Column("id", "id"),
    Column("user", "user"),
    Column("role", "role"),
    Column("service", "service"),
    Column("environment", "environment"),
)

Role = Annotated[str, typer.Option(help="viewer, deployer or admin.")]
ForService = Annotated[str, typer.Option("--service", help="Only this service; else all.")]
ForEnvironment = Annotated[str, typer.Option("--env", help="Only this environment; else all.")]
Username = Annotated[str, typer.Argument(help="Name of the person.")]


@token.command("create")
def create_token(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
    expires: Annotated[str, typer.Option(help="How long it is good: 12h, 90d.")] = "90d",
    output: Output = None,
) -> None:
    """Make a token. It is printed once, on standard output, and can never be seen again."""
    session = connect(ctx, output)
    body = {"name": name, "role": role, "expires": seconds(expires)}
    made = session.api.post("/tokens", body | given(service=service, environment=env))
    say(f"Token {name} is made. It is shown only now:")
    if session.is_json:
        session.thing(made, ())
    else:
        out(str(made["token"]))


@token.command("list")
def list_tokens(ctx: typer.Context, output: Output = None) -> None:
    """List your tokens, without their secrets."""
    session = connect(ctx, output)
    session.rows(session.api.items("/tokens"), TOKENS, empty="There is no token.")


@token.command("revoke")
def revoke_token(
    ctx: typer.Context,
    prefix: Annotated[str, typer.Argument(help="The middle of slw_<prefix>_…")],
    yes: Yes = False,
    output: Output = None,
) -> None:
    """Make a token worthless at once."""
    session = connect(ctx, output)
    session.confirm(f"Revoke token {prefix}?", yes=yes)
    session.done(f"Token {prefix} is revoked.", session.api.delete(at("tokens", prefix)))


@user.command("create")
def create_user(
    ctx: typer.Context,
    username: Username,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    output: Output = None,
) -> None:
    """Add a person; the password is asked for, never an argument."""
    session = connect(ctx, output)
    password = _password(username, from_stdin=password_stdin)
    body = {"username": username, "password": password, "is_superuser": admin}
    session.done(f"{username} is added.", session.api.post("/users", body))


@user.command("list")
def list_users(ctx: typer.Context, output: Output = None) -> None:
    """List people."""
    session = connect(ctx, output)
    session.rows(session.api.items("/users"), USERS, empty="There is nobody.")


@grant.command("add")
def add_grant(
    ctx: typer.Context,
    username: Username,
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
    output: Output = None,
) -> None:
    """Give a person a role, everywhere or in one service or environment."""
    session = connect(ctx, output)
    body = {"user": username, "role": role} | given(service=service, environment=env)
    session.done(f"{username} is {role} now.", session.api.post("/grants", body))


@grant.command("list")
def list_grants(ctx: typer.Context, output: Output = None) -> None:
    """List who has which role where."""
    session = connect(ctx, output)
    session.rows(session.api.items("/grants"), GRANTS, empty="There is no grant.")


@grant.command("remove")
def remove_grant(
    ctx: typer.Context,
    username: Username,
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
    output: Output = None,
) -> None:
    """Take a role away again, named as it was given."""
    session = connect(ctx, output)
    body = {"user": username, "role": role} | given(service=service, environment=env)
    session.done(f"{username} is no longer {role} there.", session.api.delete("/grants", body))


def _password(username: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Usage("There is no terminal to ask for a password.", hint="Use --password-stdin.")
    password = getpass.getpass(f"Password for {username}: ")
    if password != getpass.getpass("Again: "):
        raise Usage("The two passwords differ.")
    return password
