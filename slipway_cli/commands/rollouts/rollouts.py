"""Rollouts: what is being done, what was, and how to steer it."""

from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Confirm, Reply, WaitOptions, Where
from slipway_cli.arguments.values import duration, given
from slipway_cli.errors import Usage
from slipway_cli.following.narration import ending, last_step, opening, waiting
from slipway_cli.following.outcomes import watch as watch_to_end
from slipway_cli.language import _, joined, told, word
from slipway_cli.printed.render import Column, at_time, clean, in_words, out, say, time_said
from slipway_cli.printed.zone import zone_name
from slipway_cli.session import Session

commands = Commands()
rollout_app = commands.group("rollout", "Operations, running and past.")

PAGE = 200

Id = Annotated[int, Argument("Number of the rollout.", metavar="ID", least=1)]

ROLLOUTS = (
    Column("id", "id"),
    Column("kind", in_words("kind", "kind")),
    Column("service", "service"),
    Column("environment", "environment"),
    Column("version", "version"),
    Column("state", in_words("state", "state")),
    Column("by", lambda row: row.get("created_by") or "slipway"),
    Column("created at", at_time("created_at")),
    Column("reverts", "reverts"),
)


def _step(name: str) -> str:
    return word("step", name, english=name) if name else ""


PLACES = (
    Column("batch", "batch"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("from", "from_version"),
    Column("to", "to_version"),
)

TARGETS = (
    *PLACES,
    Column("state", in_words("state", "state")),
    Column("cause", in_words("cause", "cause")),
    Column("attempts", "attempts"),
    Column("step", lambda row: _step(last_step(dict(row)))),
)


MOMENTS = (
    Column("at", at_time("at")),
    Column("by", lambda row: row.get("by") or "slipway"),
    Column("what", lambda row: told(row["said"]["message"])),
    Column("reason", lambda row: told(row.get("why") or "")),
)

KEPT = (*PLACES, Column("way back", "back_version"))
RULES = (Column("rule", "key"), Column("value", "value"))
MOVES = (Column("from", "from_version"), Column("to", "to_version"), Column("places", "places"))
COMMITS = (Column("commit", lambda row: row["id"][:10]), Column("title", "title"))


@rollout_app.command("list")
def list_rollouts(
    session: Session,
    service: Annotated[str, Option("Only of this service.")] = "",
    env: Annotated[str, Option("Only in this environment.")] = "",
    state: Annotated[str, Option("Only in this state, for example running.")] = "",
    where: Where = "",
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List rollouts, the newest first."""
    asked = given(service=service, environment=env, state=state, where=where)
    rows = session.api.items("/rollouts", most=limit, **asked)
    session.rows(rows, ROLLOUTS, empty=_("There is no such rollout."))


@rollout_app.command("show")
def show_rollout(session: Session, rollout: Id) -> None:
    """Show one rollout, target by target."""
    document = session.api.get(at("rollouts", rollout))
    if session.is_json:
        session.thing(document, ())
        return
    say(opening(document))
    if driver := document.get("driver"):
        say(_driven(driver))
    if left := document.get("time_left"):
        say(_left(left))
    session.rows(document["targets"], TARGETS, empty=_("It has no targets."))
    for sentence in (*waiting(document), *ending(document)):
        say(sentence)


def _driven(driver: dict[str, Any]) -> str:
    """Return who drives it and since when, or that nobody does."""
    worker, since = driver["worker"], time_said("since", driver)
    if not driver["alive"]:
        heard = time_said("heard_at", driver) or "–"
        return _(
            "Nobody drives it now: worker {worker} was last heard of at {heard}.",
            worker=worker,
            heard=heard,
        )
    if not since:
        return _("Worker {worker} drives it.", worker=worker)
    return _("Worker {worker} drives it since {since}.", worker=worker, since=since)


def _left(left: dict[str, Any]) -> str:
    """Return about how long it still takes, and how often it waits for somebody besides."""
    about = max(round(left["seconds"] / 10), 1) * 10
    return _(
        "About {time} left, as earlier rollouts took here ({earlier}); waits for a person besides: "
        "{waits}.",
        time=duration(about),
        earlier=left["earlier"],
        waits=left["waits"],
    )


@rollout_app.command("log")
def show_log(
    session: Session,
    rollout: Id,
    host: Annotated[str, Option("Only the lines of this host.")] = "",
) -> None:
    """Print what was written down, what the steps printed included."""
    lines = [line for line in _all_lines(session, rollout) if host in ("", line["host"])]
    if session.is_json:
        session.rows(lines, (), empty="")
        return
    if lines:
        say(_("Times are those of {zone}.", zone=zone_name()))
    for line in lines:
        place = told(joined([line.get("host"), _step(line.get("step") or "")]))
        text = _("{host}: {text}", host=place, text=line["text"]) if place else line["text"]
        out(clean(f"{at_time('at')(line)}  {told(text)}"))


@rollout_app.command("timeline")
def show_timeline(session: Session, rollout: Id) -> None:
    """Show who did what when."""
    document = session.api.get(at("rollouts", rollout, "timeline"))
    session.rows(document["items"], MOMENTS, empty=_("Nothing was done yet."))
    if document["is_cut"] and not session.is_json:
        say(_("There was more before: see the log."))


@rollout_app.command("plan")
def show_kept_plan(session: Session, rollout: Id) -> None:
    """Show the plan that it carries, as it was decided before it began."""
    document = session.api.get(at("rollouts", rollout, "plan"))
    if session.is_json:
        session.thing(document, ())
        return
    session.rows(document["targets"], KEPT, empty=_("The plan has no targets."))
    session.rows(document["rules"], RULES, empty="")
    say(_("Its hash: {hash}", hash=document["hash"]))


@rollout_app.command("changes")
def show_changes(session: Session, rollout: Id) -> None:
    """Show from where to where its places go, and the commits between."""
    document = session.api.get(at("rollouts", rollout, "changes"))
    if session.is_json:
        session.thing(document, ())
        return
    session.rows(document["moves"], MOVES, empty=_("The plan has no targets."))
    commits = [commit for each in document["commits"] for commit in each["commits"]]
    session.rows(commits, COMMITS, empty=_("No commits between are known."))


@rollout_app.command("output")
def show_output(
    session: Session,
    rollout: Id,
    place: Annotated[str, Argument("Which instance: HOST or HOST:PORT.", metavar="PLACE")],
    step: Annotated[str, Argument("Which step; `show` and `log` name them.", metavar="STEP")],
    attempt: Annotated[int, Option("Of which attempt.", least=1)] = 1,
) -> None:
    """Print what a step printed on a host, its end."""
    targets = session.api.get(at("rollouts", rollout))["targets"]
    names = ({target["host"], f"{target['host']}:{target['port']}"} for target in targets)
    found = [target for target, named in zip(targets, names, strict=True) if place in named]
    if len(found) != 1:
        raise Usage(
            _("{place} is not one instance of rollout {number}.", place=place, number=rollout),
            hint=_("`slipway rollout show {number}` names them.", number=rollout),
        )
    path = at("rollouts", rollout, "targets", found[0]["id"], "output")
    document = session.api.get(path, step=step, attempt=attempt)
    if session.is_json:
        session.thing(document, ())
    else:
        out(clean(document["output"]))


@rollout_app.command("watch")
def watch(session: Session, rollout: Id, reply: Reply = "", confirm: Confirm = "") -> None:
    """Follow a rollout to its end; exit code 0 only when it succeeded."""
    WaitOptions(wait=True, reply=reply).check()
    watch_to_end(session, rollout, reply, confirm=confirm)


def _all_lines(session: Session, rollout: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    after = 0
    while True:
        part = session.api.get(at("rollouts", rollout, "log"), after=after, limit=PAGE)
        lines += part["items"]
        if not part["items"] or part["next"] == after:
            return lines
        after = part["next"]
