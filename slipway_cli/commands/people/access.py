"""Who may do what: people and their grants."""

import getpass
import sys
from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Yes
from slipway_cli.arguments.values import given
from slipway_cli.commands.people.tokens import ForEnvironment, ForService, Role
from slipway_cli.errors import Usage
from slipway_cli.language import _, told
from slipway_cli.printed.render import Column, Row, say
from slipway_cli.session import Session

commands = Commands()
user = commands.group("user", "People.")
grant = commands.group("grant", "Roles of people in services and environments.")

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

ACCESS = (
    Column("user", "user"),
    Column("may", "may"),
    Column("why", "why"),
    Column("tokens", "tokens"),
)

PasswordStdin = Annotated[
    bool, Option("Read the password from standard input.", flags=("--password-stdin",))
]
Username = Annotated[str, Argument("Name of the person.")]


@user.command("create")
def create_user(
    session: Session,
    username: Username,
    admin: Annotated[bool, Option("May do everything.", flags=("--admin",))] = False,
    password_stdin: PasswordStdin = False,
) -> None:
    """Add a person; the password is asked for, never an argument."""
    password = _password(username, from_stdin=password_stdin)
    body = {"username": username, "password": password, "is_superuser": admin}
    session.done(_("{user} is added.", user=username), session.api.post("/users", body))


@user.command("password")
def set_password(
    session: Session, username: Username, password_stdin: PasswordStdin = False
) -> None:
    """Give yourself or somebody else a new password; sessions and other tokens end."""
    body = {"password": _password(username, from_stdin=password_stdin)}
    session.api.post(at("users", username, "password"), body)
    done = _("{user} has a new password; sessions and other tokens have ended.", user=username)
    session.done(done, {"username": username})


@user.command("disable")
def disable_user(session: Session, username: Username, yes: Yes = False) -> None:
    """Take every right from a person; the account and its history stay."""
    session.confirm(_("Take every right from {user}?", user=username), yes=yes)
    session.api.delete(at("users", username))
    session.done(_("{user} may do nothing any more.", user=username), {"username": username})


@user.command("enable")
def enable_user(session: Session, username: Username) -> None:
    """Let a person in again who was disabled; roles and tokens hold as before."""
    session.api.post(at("users", username, "enable"))
    session.done(_("{user} may sign in again.", user=username), {"username": username})


@user.command("list")
def list_users(session: Session) -> None:
    """List people."""
    session.rows(session.api.items("/users"), USERS, empty=_("There is nobody."))


@grant.command("add")
def add_grant(
    session: Session,
    username: Username,
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
) -> None:
    """Give a person a role, everywhere or in one service or environment."""
    body = {"user": username, "role": role} | given(service=service, environment=env)
    made = session.api.post("/grants", body)
    session.done(_("{user} is {role} now.", user=username, role=role), made)


@grant.command("list")
def list_grants(session: Session) -> None:
    """List who has which role where."""
    session.rows(session.api.items("/grants"), GRANTS, empty=_("There is no grant."))


@grant.command("who")
def who_may(
    session: Session,
    action: Annotated[str, Argument("For example deploy, lock, upload, manage_host.")],
    service: ForService = "",
    env: ForEnvironment = "",
) -> None:
    """Say who may do something there and why, and who may not, with what comes nearest."""
    asked = {"action": action, "service": service, "environment": env}
    found = session.api.get("/access", **asked)
    if session.is_json:
        session.thing(found, ())
        return
    may = [
        {
            "user": each["username"],
            "may": True,
            "why": "; ".join(map(_way, each["ways"])),
            "tokens": each["tokens"],
        }
        for each in found["allowed"]
    ]
    may_not = [
        {"user": each["username"], "may": False, "why": _lack(each), "tokens": []}
        for each in found["not_allowed"]
    ]
    session.rows([*may, *may_not], ACCESS, empty=_("There is nobody."))
    say(_("It takes the role {role} there.", role=found["least"]))


@grant.command("remove")
def remove_grant(
    session: Session,
    username: Username,
    role: Role,
    service: ForService = "",
    env: ForEnvironment = "",
) -> None:
    """Take a role away again, named as it was given."""
    wanted = {"user": username, "role": role, "service": service, "environment": env}
    session.api.delete("/grants", wanted)
    said = _("{user} is no longer {role} there.", user=username, role=role)
    session.done(said, wanted)


def _way(way: Row) -> str:
    """Return a grant as it is asked for: role, service, environment."""
    if way["grant"] is None:
        return told(_("superuser"))
    where = {"service": way["service"] or "*", "environment": way["environment"] or "*"}
    return told(_("{role} of {service} in {environment}", role=way["role"], **where))


def _lack(each: Row) -> str:
    nearest = each["nearest"]
    match each["why"]:
        case "disabled" if nearest:
            return told(_("disabled, and would need more than {way}", way=_way(nearest)))
        case "disabled":
            return told(_("disabled"))
        case "nothing":
            return told(_("has no role"))
        case "role":
            return told(_("only {way}", way=_way(nearest)))
        case "both":
            return told(_("too little, and elsewhere: {way}", way=_way(nearest)))
    return told(_("elsewhere: {way}", way=_way(nearest)))


def _password(username: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Usage(
            _("There is no terminal to ask for a password."), hint=_("Use --password-stdin.")
        )
    password = getpass.getpass(told(_("Password for {user}: ", user=username)))
    if password != getpass.getpass(told(_("Again: "))):
        raise Usage(_("The two passwords differ."))
    return password
