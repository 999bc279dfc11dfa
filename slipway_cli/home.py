"""What needs whoever types `slipway` alone, worst first, and what is under way, each with the
command to type."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from slipway_cli.arguments.mistakes import wrapped
from slipway_cli.arguments.values import duration, moment, present
from slipway_cli.errors import Refused
from slipway_cli.following.narration import opening
from slipway_cli.language import Text, _, told
from slipway_cli.printed.render import as_json, clean, one_line, out, wants_colour, width
from slipway_cli.session import Format, Session, Settings, chosen_context, connect

AT_FIRST = 20  # of what needs somebody
BUILDS = 50  # the newest, among which one that is under way is looked for
NOT_OVER = ("pending", "building")
OF_THE_SERVER = ("slipway worker", "slipway up")  # they take no --context

Document = dict[str, Any]


def show(settings: Settings) -> bool:
    """Show it; False where it is help that is wanted: nobody is at a terminal, or logged in, or the
    server is too old to know."""
    is_json = settings.output is Format.JSON
    if not is_json and not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    context = chosen_context(settings)
    if not context.url or not context.token:
        return False
    session = connect(settings)
    try:
        document = _asked(session)
    except Refused as refused:
        if refused.status == 404:
            return False
        raise
    if is_json:
        out(as_json(document))
    else:
        out("\n".join(_lines(document, session.api.url, settings.context)))
    return True


def _asked(session: Session) -> Document:
    found = session.api.get("/needs", limit=AT_FIRST)
    waiting = {each["id"] for each in found["items"] if each["kind"] == "rollout_waiting"}
    rollouts = session.api.items("/rollouts", where="state:active")
    builds = session.api.items("/builds", most=BUILDS)
    return {
        "items": found["items"],
        "total": found["total"],
        "rollouts": [each for each in rollouts if each["id"] not in waiting],
        "builds": [each for each in builds if each["status"] in NOT_OVER],
    }


def _lines(document: Document, url: str, context: str) -> Iterator[str]:
    total, items = int(document["total"]), document["items"]
    yield told(_heading(total, url))
    for need in items:
        yield ""
        yield from _need(need, context)
    if total > len(items):
        yield ""
        yield told(_("And {more} more: {url}", more=total - len(items), url=url))
    rollouts, builds = document["rollouts"], document["builds"]
    if rollouts or builds:
        yield ""
        yield told(_("Under way:"))
    for rollout in rollouts:
        yield from _filled(opening(rollout), 2)
        yield _command(f"slipway rollout watch {rollout['id']}", context)
    for build in builds:
        said = _(
            "Build {number} of {service}, {ref}.",
            number=build["id"],
            service=build["service"],
            ref=build["ref"],
        )
        yield from _filled(said, 2)
        yield _command(f"slipway build watch {build['id']}", context)
    yield ""
    yield told(_("All commands: {command}", command="slipway --help"))


def _heading(total: int, url: str) -> Text:
    if not total:
        return _("Nothing needs you on {url}.", url=url)
    if total == 1:
        return _("1 thing needs you on {url}:", url=url)
    return _("{number} things need you on {url}:", number=total, url=url)


def _need(need: Document, context: str) -> Iterator[str]:
    said: Text | str = one_line(need["message"])
    if at := moment(need.get("at")):
        gone = max((present() - at).total_seconds(), 0)
        said = _("{what} ({time} ago)", what=said, time=duration(gone))
    yield from _filled(said, 2)
    if need.get("hint"):
        yield from _filled(need["hint"], 4)
    for command in need["commands"]:
        yield _command(one_line(command), context)


def _filled(text: object, indent: int) -> list[str]:
    """Return a text in lines that fit the terminal."""
    room = max(shutil.get_terminal_size().columns - indent, 20)
    shown = clean(told(text))
    lines = wrapped(shown, room) if width(shown) > room else [shown]
    return [" " * indent + line for line in lines]


def _command(command: str, context: str) -> str:
    """Return a command, on a line of its own and never broken: it is there to be copied."""
    if context and command not in OF_THE_SERVER:
        said = f"slipway --context {shlex.quote(context)} "
        command = said + command.removeprefix("slipway ")
    return f"    \x1b[36m{command}\x1b[0m" if wants_colour(sys.stdout) else f"    {command}"
