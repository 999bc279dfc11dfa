"""How the installation is: what is wrong with it, and its workers."""

import time
from typing import Annotated

from slipway_cli.arguments.grammar import Commands, Option
from slipway_cli.commands.start.address import of_address
from slipway_cli.errors import AlreadyPrinted
from slipway_cli.language import Text, _
from slipway_cli.printed.render import Column, Row, at_time, say
from slipway_cli.session import Session

commands = Commands()
CHECKS = (
    Column("ok", "ok"),
    Column("check", "code"),
    Column("what", "message"),
    Column("what to do", "hint"),
)


def _state(worker: Row) -> Text:
    if worker["is_dead"]:
        return _("dead")
    return _("heard") if worker["is_heard"] else _("silent")


def _in_hand(worker: Row) -> str:
    builds = (f"build {each['number']}" for each in worker["builds"])
    return ", ".join((*(f"#{each['number']}" for each in worker["rollouts"]), *builds))


WORKERS = (
    Column("worker", "name"),
    Column("state", _state),
    Column("in hand", _in_hand),
    Column("version", "version"),
    Column("last heard", at_time("heard_at")),
    Column("began", at_time("started_at")),
)


@commands.command("doctor")
def doctor(
    session: Session,
    workers: Annotated[
        bool, Option("The workers instead, and what each has in hand.", flags=("--workers",))
    ] = False,
) -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if something is."""
    if workers:
        rows = session.api.items("/doctor/workers")
        session.rows(rows, WORKERS, empty=_("There is no worker."))
        return
    document = session.api.get("/doctor")
    items = document["items"]
    items += list(of_address(session.api, time.time()))
    if session.is_json:
        session.thing(document, ())
    else:
        session.rows(items, CHECKS, empty=_("Nothing was checked."))
    wrong = sum(not item["ok"] for item in items)
    found = _("{wrong} of {all} checks found something.", wrong=wrong, all=len(items))
    say(found if wrong else _("All is well."))
    if wrong:
        raise AlreadyPrinted
