"""Tokens: keys for programs, made, listed, revoked."""

from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Yes
from slipway_cli.arguments.values import given, seconds
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time, out, say
from slipway_cli.session import Session

commands = Commands()
token = commands.group("token", "Keys for programs: a role, a scope, an end.")

TOKENS = (
    Column("prefix", "prefix"),
    Column("name", "name"),
    Column("role", "role"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("expires at", at_time("expires_at")),
    Column("last used", at_time("last_used_at")),
)

Role = Annotated[str, Option("viewer, uploader, deployer or admin.")]
ForService = Annotated[str, Option("Only this service; else all.", flags=("--service",))]
ForEnvironment = Annotated[str, Option("Only this environment; else all.", flags=("--env",))]


@token.command("create")
def create_token(
    session: Session,
    name: Annotated[str, Argument("What it is for.")],
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
    expires: Annotated[
        str, Option("How long it is good: 12h, 90d; else 90 days, or as long as your login.")
    ] = "",
) -> None:
    """Make a token. It is printed once, on standard output, and can never be seen again."""
    body = {"name": name, "role": role} | ({"expires": seconds(expires)} if expires else {})
    made = session.api.post("/tokens", body | given(service=service, environment=env))
    say(_("Token {name} is made. It is shown only now:", name=name))
    if session.is_json:
        session.thing(made, ())
    else:
        out(str(made["token"]))


@token.command("list")
def list_tokens(
    session: Session,
    user: Annotated[str, Option("Those of this person; else yours.")] = "",
) -> None:
    """List your tokens, or somebody's, without their secrets."""
    path = at("users", user, "tokens") if user else "/tokens"
    session.rows(session.api.items(path), TOKENS, empty=_("There is no token."))


@token.command("revoke")
def revoke_token(
    session: Session,
    prefix: Annotated[str, Argument("The middle of slw_<prefix>_…")],
    yes: Yes = False,
) -> None:
    """Make a token worthless at once."""
    session.confirm(_("Revoke token {prefix}?", prefix=prefix), yes=yes)
    revoked = session.api.delete(at("tokens", prefix))
    session.done(_("Token {prefix} is revoked.", prefix=prefix), revoked)
