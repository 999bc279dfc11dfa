"""What was done by whom, and how the installation is."""

from typing import Annotated, Any

from slipway_cli.errors import Answered
from slipway_cli.grammar import Commands, Option
from slipway_cli.render import Column, at_time, say
from slipway_cli.session import Session

commands = Commands()
audit = commands.group("audit", "Who did what, when and why.")

PAGE = 200

EVENTS = (
    Column("at", at_time("at")),
    Column("who", "by"),
    Column("verb", "verb"),
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
    since: Annotated[str, Option("Only from this time on (ISO 8601).")] = "",
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List audit events, the newest first."""
    events: list[dict[str, Any]] = []
    while len(events) < limit:
        most = min(limit - len(events), PAGE)
        page = session.api.get(
            "/audit",
            verb=verb,
            service=service,
            environment=env,
            since=since,
            limit=most,
            before=events[-1]["id"] if events else None,
        )["items"]
        events += page
        if len(page) < most:
            break
    session.rows(events, EVENTS, empty="There is no such event.")


@commands.command("doctor")
def doctor(session: Session) -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if something is."""
    document = session.api.get("/doctor")
    items = document["items"]
    if session.is_json:
        session.thing(document, ())
    else:
        session.rows(items, CHECKS, empty="Nothing was checked.")
    wrong = sum(not item["ok"] for item in items)
    say("All is well." if not wrong else f"{wrong} of {len(items)} checks found something.")
    if wrong:
        raise Answered
