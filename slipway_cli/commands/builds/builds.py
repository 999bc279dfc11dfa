"""Builds: have a version made, follow it, end it, take what came late."""

from dataclasses import dataclass
from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Service, Wait
from slipway_cli.arguments.values import given, pairs
from slipway_cli.following.builds import WholeLines, answer, follow
from slipway_cli.following.builds import watch as watch_to_end
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time, in_words, out, say
from slipway_cli.session import Session

commands = Commands()
build_app = commands.group("build", "Attempts to make a version: GitLab CI, Jenkins, a command.")

Id = Annotated[int, Argument("Number of the build.", metavar="ID", least=1)]

BUILDS = (
    Column("id", "id"),
    Column("service", "service"),
    Column("version", "version"),
    Column("status", in_words("build", "status")),
    Column("ref", "ref"),
    Column("commit", lambda row: str(row.get("commit") or "")[:12]),
    Column("server", "server"),
    Column("by", "created_by"),
    Column("created at", at_time("created_at")),
)
BUILD = (
    *BUILDS,
    Column("started at", at_time("started_at")),
    Column("finished at", at_time("finished_at")),
    Column("see", "url"),
    Column("says", "says"),
    Column("reason", "reason"),
    Column("hint", "hint"),
    Column("duplicate of", "duplicate_of"),
    Column("late success", at_time("late_at")),
    Column("problem", "problem"),
    Column("what to do", "problem_hint"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What is to be built."""

    ref: Annotated[str, Option("Branch or tag; else the service's default.")] = ""
    commit: Annotated[str, Option("This commit and no other.")] = ""
    var: Annotated[list[str] | None, Option("NAME=VALUE for the build; may be repeated.")] = None
    description: Annotated[str, Option("What is in it.")] = ""
    force: Annotated[bool, Option("Also when the commit is built already.", flags=("--force",))] = (
        False
    )

    def body(self) -> dict[str, object]:
        return given(
            ref=self.ref,
            commit=self.commit,
            variables=pairs(self.var, "“{text}” is not a variable."),
            description=self.description,
            force=self.force or None,
        )


@build_app.command("start")
def start_build(
    session: Session, service: Service, options: BuildOptions, wait: Wait = False
) -> None:
    """Have a version built; a commit that is built already is not built again."""
    build = session.api.post(at("services", service, "builds"), options.body())
    answer(session, build, wait=wait)


@build_app.command("list")
def list_builds(
    session: Session,
    service: Annotated[str, Option("Only of this service.")] = "",
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List builds, the newest first."""
    path = at("services", service, "builds") if service else "/builds"
    rows = session.api.items(path, most=limit)
    session.rows(rows, BUILDS, empty=_("There is no build yet."))


@build_app.command("show")
def show_build(session: Session, build: Id) -> None:
    """Show one build: how far it is, or how it ended."""
    session.thing(session.api.get(at("builds", build)), BUILD)


@build_app.command("log")
def show_log(
    session: Session,
    build: Id,
    until_over: Annotated[
        bool, Option("Go on until it is over.", flags=("--follow", "-f"))
    ] = False,
) -> None:
    """Print what the build printed."""
    texts: list[str] = []
    write = texts.append if session.is_json else out
    if until_over:
        follow(session.api, build, say, write)
    else:
        _print_now(session, build, WholeLines(write))
    if session.is_json:
        session.thing({"build": build, "text": "\n".join(texts)}, ())


def _print_now(session: Session, build: int, lines: WholeLines) -> None:
    start = 0
    while (page := session.api.get(at("builds", build, "log"), start=start))["text"]:
        lines(page["text"])
        start = page["next"]
    lines.close()


@build_app.command("watch")
def watch(session: Session, build: Id) -> None:
    """Follow a build and its log to the end; exit code 0 only when there is a version."""
    watch_to_end(session, build)


@build_app.command("cancel")
def cancel(session: Session, build: Id) -> None:
    """End a build, on its build server, too."""
    document = session.api.post(at("builds", build, "cancel"))
    said = _("Build {number} will end. Watch it: slipway build watch {number}", number=build)
    session.done(said, document)


@build_app.command("take")
def take(session: Session, build: Id, wait: Wait = False) -> None:
    """Make a new version of a build that ended well after it was given up."""
    answer(session, session.api.post(at("builds", build, "take")), wait=wait)
