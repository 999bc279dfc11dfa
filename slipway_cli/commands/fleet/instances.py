"""Instances: one service on one host and port."""

from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Reason
from slipway_cli.arguments.values import given, require_any
from slipway_cli.language import _
from slipway_cli.printed.render import Column, Row, at_time, in_words
from slipway_cli.session import Session

commands = Commands()
instance = commands.group("instance", "One service on one host and port.")


def _locked(row: Row) -> Any:
    lock = row.get("locked")
    return lock.get("by") or _("yes") if isinstance(lock, dict) else lock or ""


INSTANCES = (
    Column("id", "id"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("version", "version"),
    Column("seen", "seen_version"),
    Column("previous", "previous_version"),
    Column("status", in_words("instance", "status")),
    Column("weight", "weight"),
    Column("locked", _locked),
    Column("why", "why"),
)
INSTANCE = (
    *INSTANCES,
    Column("remedy", "hint"),
    Column("seen at", at_time("seen_at")),
    Column("tag", "tag"),
    Column("maintenance", "is_maintain"),
    Column("description", "description"),
)

Id = Annotated[str, Argument("Number of the instance.", metavar="ID")]


@instance.command("list")
def list_instances(
    session: Session,
    service: Annotated[str, Option("Only of this service.")] = "",
    env: Annotated[str, Option("Only in this environment.")] = "",
    host: Annotated[str, Option("Only on this host.")] = "",
) -> None:
    """List instances: what should run, and what was last seen running."""
    rows = session.api.items("/instances", service=service, environment=env, host=host)
    session.rows(rows, INSTANCES, empty=_("There is no such instance."))


@instance.command("show")
def show_instance(session: Session, instance: Id) -> None:
    """Show one instance."""
    session.thing(session.api.get(at("instances", instance)), INSTANCE)


@instance.command("set")
def set_instance(
    session: Session,
    instance: Id,
    weight: Annotated[int | None, Option("Share of traffic.", least=0, most=1000)] = None,
    tag: Annotated[str | None, Option("A word of your own.")] = None,
    description: Annotated[str | None, Option("What is special about it.")] = None,
    maintain: Annotated[
        bool | None, Option("Whether it is in maintenance.", flags=("--maintain",))
    ] = None,
) -> None:
    """Change what is said about an instance; an empty text takes a tag or description away."""
    changes = given(weight=weight, is_maintain=maintain)
    changes |= {
        name: text
        for name, text in (("tag", tag), ("description", description))
        if text is not None
    }
    require_any(changes, "slipway instance set")
    document = session.api.patch(at("instances", instance), changes)
    session.done(_("Instance {number} is changed.", number=instance), document)


@instance.command("lock")
def lock_instance(
    session: Session, instance: Id, reason: Annotated[str, Option("Why; shown to everybody.")]
) -> None:
    """Let no rollout touch this instance."""
    locked = session.api.post(at("instances", instance, "lock"), {"reason": reason})
    session.done(_("Instance {number} is locked.", number=instance), locked)


@instance.command("unlock")
def unlock_instance(session: Session, instance: Id, reason: Reason = "") -> None:
    """Let rollouts touch it again; another's lock needs the right to, and a reason."""
    freed = session.api.post(at("instances", instance, "unlock"), {"reason": reason})
    session.done(_("Instance {number} is free.", number=instance), freed)
