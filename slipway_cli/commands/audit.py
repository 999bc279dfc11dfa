"""What was done by whom, and how the installation is."""

import time
from typing import Annotated, Any

from slipway_cli.address import of_address
from slipway_cli.errors import AlreadyPrinted
from slipway_cli.grammar import Commands, Option
from slipway_cli.language import Text, _, told
from slipway_cli.render import Column, Row, at_time, say
from slipway_cli.session import Session
from slipway_cli.values import point, present

commands = Commands()
audit = commands.group("audit", "Who did what, when and why.")

PAGE = 200


def _in_words(event: Row) -> Text:
    """Return the verb, by which events are asked for; in another language its words, too."""
    verb, words = str(event.get("verb") or ""), event.get("what")
    return Text(verb, f"{told(words)} ({verb})" if isinstance(words, Text) else verb)


EVENTS = (
    Column("at", at_time("at")),
    Column("who", "by"),
    Column("verb", _in_words),
    Column("thing", "thing_name"),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("from", "source"),
    Column("reason", "reason"),
)
CHECKS = (
    Column("ok", "ok"),
    Column("check", "code"),
    Column("what", "message"),
    Column("what to do", "hint"),
)


@audit.command("list")
def list_events(
    session: Session,
    verb: Annotated[str, Option("Only this verb, for example rollout.started.")] = "",
    service: Annotated[str, Option("Only about this service.")] = "",
    env: Annotated[str, Option("Only in this environment.")] = "",
    by: Annotated[str, Option("Only what this person did; slipway for what it did itself.")] = "",
    host: Annotated[str, Option("Only what was done to this host, or on it.")] = "",
    since: Annotated[str, Option("Only from then on: 2h ago is 2h; or a time (ISO 8601).")] = "",
    until: Annotated[str, Option("Only before then: 30m, or a time (ISO 8601).")] = "",
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List audit events, the newest first; a verb that ends with a dot is a beginning."""
    now = present()
    asked = {
        "verb": verb,
        "service": service,
        "environment": env,
        "by": by,
        "host": host,
        "since": point(since, now, past=True) if since else "",
        "until": point(until, now, past=True) if until else "",
    }
    events: list[dict[str, Any]] = []
    while len(events) < limit:
        most = min(limit - len(events), PAGE)
        page = session.api.get(
            "/audit",
            **asked,
            limit=most,
            before=events[-1]["id"] if events else None,
        )["items"]
        events += page
        if len(page) < most:
            break
    session.rows(events, EVENTS, empty=_("There is no such event."))


@commands.command("doctor")
def doctor(session: Session) -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if something is."""
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
