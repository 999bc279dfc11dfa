"""Freeze windows: times in which nothing new is brought to an environment."""

from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Yes
from slipway_cli.arguments.values import moment, point, present
from slipway_cli.errors import Refused
from slipway_cli.language import Text, _
from slipway_cli.printed.render import Column, Row, at_time, time_said
from slipway_cli.session import Session

commands = Commands()
window = commands.group("window", "Times in which nothing new goes to an environment.")


def _state(row: Row) -> Text:
    now, begin, end = present(), moment(row.get("from")), moment(row.get("until"))
    if end and end <= now:
        return _("over")
    return _("now") if begin and begin <= now else _("to come")


WINDOWS = (
    Column("id", "id"),
    Column("from", at_time("from")),
    Column("until", at_time("until")),
    Column("state", _state),
    Column("reason", "reason"),
)

Name = Annotated[str, Argument("Name of the environment.", metavar="ENV")]


@window.command("add")
def add_window(
    session: Session,
    env: Name,
    until: Annotated[str, Option("When it ends: 3d from now, or a time (ISO 8601).")],
    reason: Annotated[str, Option("Why; shown to everybody it stops.")],
    begin: Annotated[
        str, Option("When it begins: now, 2h from now, or a time.", flags=("--from",))
    ] = "now",
) -> None:
    """Let nothing new go to an environment for a time; a way back is not held by it."""
    now = present()
    wanted = {"from": point(begin, now), "until": point(until, now), "reason": reason}
    added = session.api.post(at("environments", env, "windows"), wanted)
    ends = time_said("until", added)
    session.done(_("Nothing new goes to {env} until {time}.", env=env, time=ends), added)


@window.command("list")
def list_windows(session: Session, env: Name) -> None:
    """List the freeze windows of an environment, the first to begin first."""
    session.rows(_windows(session, env), WINDOWS, empty=_("{env} has no freeze window.", env=env))


@window.command("remove")
def remove_window(
    session: Session,
    env: Name,
    window: Annotated[str, Argument("Its id in the list.", metavar="ID")],
    yes: Yes = False,
) -> None:
    """Take a freeze window away."""
    gone = next((each for each in _windows(session, env) if each["id"] == window), None)
    if gone is None:
        raise Refused(
            _("{env} has no freeze window {window}.", env=env, window=window),
            hint=_("`slipway window list {env}` shows them.", env=env),
            code="not_found",
        )
    ends = time_said("until", gone)
    session.confirm(_("Take away the window until {time}?", time=ends), yes=yes)
    session.api.delete(at("environments", env, "windows", window))
    session.done(_("The freeze window {window} of {env} is gone.", window=window, env=env), gone)


def _windows(session: Session, env: str) -> list[dict[str, Any]]:
    return list(session.api.items(at("environments", env, "windows")))
