"""Plans: what an operation would do, before anything moves."""

from datetime import datetime, timedelta

from slipway_cli.arguments.grammar import Commands
from slipway_cli.arguments.options import (
    DeployOptions,
    RevertOptions,
    Service,
    Version,
    WishOptions,
)
from slipway_cli.arguments.values import duration, present, size
from slipway_cli.language import Text, _, joined
from slipway_cli.printed.render import Column, Row, in_words, say
from slipway_cli.printed.zone import zone_name
from slipway_cli.session import Session

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

SETTINGS = (
    Column("setting", "key"),
    Column("value", "value"),
    Column("says", in_words("origin", "origin")),
    Column("at upload", lambda row: row.get("at_upload")),
)


CHANGES = (
    Column("setting", "key"),
    Column("before", "before"),
    Column("after", "after"),
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
    show_plan(session, document)


def show_plan(session: Session, document: Row) -> None:
    """Show a plan to a person."""
    session.rows(document["targets"], TARGETS, empty=_("The plan has no targets."))
    for each in document.get("settings", ()):
        _show_settings(session, each)
    for each in document.get("spec_changes", ()):
        _show_changes(session, each)
    say(summary(document))
    if "usual" in document and document["targets"]:
        say(_time(document["usual"]))
    if document.get("batch_begin_seconds"):
        say(_clock(document, present().astimezone()))
    for note in document["notes"]:
        say(note["message"])
    for sign in document.get("good_signs", ()):
        say(_("Good: {what}", what=sign["message"]))
    for obstacle in document["obstacles"]:
        say(_obstacle(obstacle))
    say(_("To start exactly this: --plan-hash {hash}", hash=document["hash"]))


def _show_changes(session: Session, said: Row) -> None:
    """Show what changes in how it is run, setting by setting."""
    before, after = said["from_version"], said["to_version"]
    say(_("How it is run changes from {before} to {after}:", before=before, after=after))
    session.rows(said["changes"], CHANGES, empty="")


def _show_settings(session: Session, said: Row) -> None:
    """Show what somebody has said of how a version is run, and what has changed since its upload;
    what is left out is as it is by default."""
    rows = [
        each
        for each in said["settings"]
        if each["origin"] != "default" or each["at_upload"] is not None or each["key"] == "user"
    ]
    if rows:
        session.rows(rows, SETTINGS, empty="")


def summary(document: Row) -> Text:
    """Return the plan in one sentence."""
    targets, batches = len(document["targets"]), len(document["batches"])
    if not targets:
        return _("No host takes part: nothing is sent anywhere.")
    return _(
        "{targets} in {batches}, at most {most} unavailable, {size} to move, about {time}.",
        targets=_("{n} target" if targets == 1 else "{n} targets", n=targets),
        batches=_("{n} batch" if batches == 1 else "{n} batches", n=batches),
        most=document["max_unavailable"],
        size=size(document["bytes_to_move"]),
        time=duration(document["expected_seconds"]),
    )


def _time(usual: Row | None) -> Text:
    """Return by what it is known how long it takes."""
    if usual is None:
        return _("The time is by its settings alone: nothing of its kind has ended well there yet.")
    return _(
        "The time is as earlier rollouts took there ({earlier}); waits for a person besides: "
        "{waits}.",
        earlier=usual["earlier"],
        waits=usual["waits"],
    )


def _clock(document: Row, now: datetime) -> Text:
    """Return when it would be done, at the clock of whoever sits here."""
    begin, took = document["batch_begin_seconds"][-1], document["batch_seconds"][-1]
    last, done = (now + timedelta(seconds=each) for each in (begin, begin + took))
    return _(
        "Started now, the last batch would begin about {last} and end about {done} ({zone}).",
        last=f"{last:%H:%M}",
        done=f"{done:%H:%M}",
        zone=zone_name(),
    )


def _obstacle(obstacle: Row) -> Text:
    what = _(
        "In the way: {what}" if obstacle["blocking"] else "Note: {what}", what=obstacle["message"]
    )
    hint, command = obstacle.get("hint"), str(obstacle.get("command") or "")
    return joined([what, hint, "" if command in str(hint or "") else command])
