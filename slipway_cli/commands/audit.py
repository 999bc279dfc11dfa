"""What was done by whom, and how the installation is."""

from typing import Annotated, Any

import typer

from slipway_cli.render import Column, say
from slipway_cli.session import Output, connect

app = typer.Typer()
audit = typer.Typer(help="Who did what, when and why.", no_args_is_help=True)
app.add_typer(audit, name="audit")

PAGE = 200

EVENTS = (
    Column("at", "at"),
    Column("who", lambda row: row.get("actor") or row.get("by")),
    Column("verb", "verb"),
    Column("thing", lambda row: row.get("thing_name") or row.get("thing")),
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
    ctx: typer.Context,
    verb: Annotated[str, typer.Option(help="Only this verb, for example rollout.started.")] = "",
    service: Annotated[str, typer.Option(help="Only about this service.")] = "",
    env: Annotated[str, typer.Option(help="Only in this environment.")] = "",
    since: Annotated[str, typer.Option(help="Only from this time on (ISO 8601).")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    output: Output = None,
) -> None:
    """List audit events, the newest first."""
    session = connect(ctx, output)
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


@app.command("doctor")
def doctor(ctx: typer.Context, output: Output = None) -> None:
    """Say what is wrong with this installation and what to do; exit code 1 if something is."""
    session = connect(ctx, output)
    document = session.api.get("/doctor")
    items = document["items"]
    if session.is_json:
        session.thing(document, ())
    else:
        session.rows(items, CHECKS, empty="Nothing was checked.")
    wrong = sum(not item["ok"] for item in items)
    say("All is well." if not wrong else f"{wrong} of {len(items)} checks found something.")
    if wrong:
        raise typer.Exit(1)
