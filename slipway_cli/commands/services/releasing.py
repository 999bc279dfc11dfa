"""What goes on without people: releases on build, and packages that are let go."""

from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Commands, Option
from slipway_cli.arguments.options import Environment, Service, Wait, Yes
from slipway_cli.arguments.values import given, size
from slipway_cli.errors import Failed
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time, in_words, say
from slipway_cli.session import Session

commands = Commands()
rule_app = commands.group("release-rule", "Which new versions are released without anybody.")
retention_app = commands.group("retention", "Which packages are kept, and which are let go.")

MOST_SECONDS = 3600.0

RULES = (
    Column("service", "service"),
    Column("environment", "environment"),
    Column("refs", "refs"),
    Column("on", "enabled"),
    Column("last version", "last_version"),
    Column("rollout", "last_rollout"),
    Column("problem", "problem"),
    Column("what to do", "problem_hint"),
)
FATES = (
    Column("service", "service"),
    Column("version", "version"),
    Column("made at", at_time("created_at")),
    Column("size", lambda row: size(row.get("size") or 0)),
    Column("kept for", lambda row: in_words("need", "need")(row) or _("– goes")),
)

RUNS = (
    Column("id", "id"),
    Column("service", lambda row: row.get("service") or _("all")),
    Column("asked at", at_time("requested_at")),
    Column("by", lambda row: row.get("requested_by") or "slipway"),
    Column("finished at", at_time("finished_at")),
    Column("packages", "packages"),
    Column("freed", lambda row: size(row.get("freed_bytes") or 0)),
    Column("problem", "problem"),
)

OnlyService = Annotated[str, Option("Only of this service.", flags=("--service",))]


@rule_app.command("add")
def add_rule(
    session: Session,
    service: Service,
    env: Environment,
    ref: Annotated[list[str], Option("Branch or pattern (release/*); may be repeated.")],
    off: Annotated[bool, Option("Keep the rule, and do not follow it.", flags=("--off",))] = False,
) -> None:
    """Release every new version of these refs there; the rule that is there is replaced."""
    body = {"service": service, "environment": env, "refs": ref, "enabled": not off}
    rule = session.api.post("/release-rules", body)
    said = (
        "The release rule of {service} in {env} is kept, and not followed."
        if off
        else "The release rule of {service} in {env} is followed from now on."
    )
    session.done(_(said, service=service, env=env), rule)


@rule_app.command("list")
def list_rules(
    session: Session,
    service: OnlyService = "",
    env: Annotated[str, Option("Only in this environment.")] = "",
) -> None:
    """List the release rules, what each did last, and what is in its way."""
    rows = session.api.items("/release-rules", service=service, environment=env)
    session.rows(rows, RULES, empty=_("There is no release rule."))


@rule_app.command("show")
def show_rule(session: Session, service: Service, env: Environment) -> None:
    """Show one release rule, what it did last, and what is in its way."""
    session.thing(session.api.get(at("release-rules", service, env)), RULES)


@rule_app.command("remove")
def remove_rule(session: Session, service: Service, env: Environment, yes: Yes = False) -> None:
    """Let people release versions there again."""
    asked = _("Remove the release rule of {service} in {env}?", service=service, env=env)
    session.confirm(asked, yes=yes)
    removed = session.api.delete(at("release-rules", service, env))
    said = _("{service} has no release rule in {env} any more.", service=service, env=env)
    session.done(said, removed)


@retention_app.command("show")
def show_retention(
    session: Session,
    service: OnlyService = "",
    kept: Annotated[bool, Option("Those that stay, too, and why.", flags=("--kept",))] = False,
) -> None:
    """Show which packages would be let go now; nothing is."""
    rows = session.api.items("/retention", service=service, kept="true" if kept else "")
    summary = session.api.get("/retention", service=service, limit=1)
    if session.is_json:
        session.thing({**summary, "items": rows, "total": len(rows)}, ())
        return
    if rows:
        session.rows(rows, FATES, empty="")
    say(
        _(
            "Packages that would go: {packages}. That frees {size}.",
            packages=summary["packages"],
            size=size(summary["freed_bytes"]),
        )
        if summary["packages"]
        else _("Every package is needed.")
    )


@retention_app.command("run")
def run_retention(session: Session, service: OnlyService = "", wait: Wait = False) -> None:
    """Let packages go now, and not only once a day."""
    run = session.api.post("/retention/run", given(service=service))
    if not wait:
        session.done(_("A worker does it now."), run)
        return
    late = Failed(_("The run has not ended."), hint=_("It goes on. Is a worker running?"))
    path = at("retention", "runs", run["id"])
    run = session.api.get_when(lambda run: run["finished_at"], path, late, within=MOST_SECONDS)
    if run["problem"]:
        raise Failed(run["problem"], hint=run["problem_hint"])
    freed = {"packages": run["packages"], "size": size(run["freed_bytes"])}
    session.done(_("Packages let go: {packages}. That freed {size}.", **freed), run)


@retention_app.command("runs")
def list_runs(
    session: Session,
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List when packages were let go, and how many."""
    rows = session.api.items("/retention/runs", most=limit)
    session.rows(rows, RUNS, empty=_("No package was ever let go."))
