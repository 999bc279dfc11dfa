"""Plans: what an operation would do, before anything moves."""

from slipway_cli.grammar import Commands
from slipway_cli.render import Column, Row, say
from slipway_cli.session import Session
from slipway_cli.values import duration, size
from slipway_cli.wishes import DeployOptions, RevertOptions, Service, Version, WishOptions

commands = Commands()
plan = commands.group("plan", "Show what an operation would do; nothing moves.")

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
def plan_deploy(session: Session, service: Service, version: Version, wish: DeployOptions) -> None:
    """What putting a service on hosts would do."""
    _show(session, wish.body("deploy", service, version))


@plan.command("upgrade")
def plan_upgrade(session: Session, service: Service, version: Version, wish: WishOptions) -> None:
    """What bringing the instances to a version would do."""
    _show(session, wish.body("upgrade", service, version))


@plan.command("rollback")
def plan_rollback(session: Session, service: Service, wish: RevertOptions) -> None:
    """What going back would do."""
    _show(session, wish.body("revert", service))


@plan.command("apply")
def plan_apply(session: Session, service: Service, wish: WishOptions) -> None:
    """What bringing changed settings would do."""
    _show(session, wish.body("apply", service))


@plan.command("restart")
def plan_restart(session: Session, service: Service, wish: WishOptions) -> None:
    """What restarting the instances would do."""
    _show(session, wish.body("restart", service))


@plan.command("stop")
def plan_stop(session: Session, service: Service, wish: WishOptions) -> None:
    """What stopping the instances would do."""
    _show(session, wish.body("stop", service))


@plan.command("start")
def plan_start(session: Session, service: Service, wish: WishOptions) -> None:
    """What starting the instances would do."""
    _show(session, wish.body("start", service))


@plan.command("remove")
def plan_remove(session: Session, service: Service, wish: WishOptions) -> None:
    """What taking the service off its hosts would do."""
    _show(session, wish.body("delete", service))


def _show(session: Session, wish: dict[str, object]) -> None:
    document = session.api.post("/plans", wish)
    if session.is_json:
        session.thing(document, ())
        return
    session.rows(document["targets"], TARGETS, empty="The plan has no targets.")
    say(summary(document))
    for note in document["notes"]:
        say(note["message"])
    for obstacle in document["obstacles"]:
        say(_obstacle(obstacle))
    say(f"To start exactly this: --plan-hash {document['hash']}")


def summary(document: Row) -> str:
    """Return the plan in one sentence."""
    targets, batches = len(document["targets"]), len(document["batches"])
    return (
        f"{targets} target{'s' * (targets != 1)} in {batches} batch{'es' * (batches != 1)},"
        f" at most {document['max_unavailable']} unavailable,"
        f" {size(document['bytes_to_move'])} to move,"
        f" about {duration(document['expected_seconds'])}."
    )


def _obstacle(obstacle: Row) -> str:
    word = "In the way" if obstacle["blocking"] else "Note"
    return " ".join(filter(None, [f"{word}: {obstacle['message']}", obstacle.get("hint")]))
