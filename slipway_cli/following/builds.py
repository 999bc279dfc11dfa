"""Follows a build to its end: what it prints as it comes, and how it ended."""

import time
from collections.abc import Callable
from typing import Any

from slipway_cli.api.client import Client, at
from slipway_cli.api.patience import Say, ServerPatience
from slipway_cli.errors import AlreadyPrinted, Failed, Interrupted
from slipway_cli.language import Text, _, joined, listed, word
from slipway_cli.printed.render import as_json, clean, out, say
from slipway_cli.session import Session

OVER = "over"
GOOD = ("success", "duplicate")
UNFINISHED = ("pending", "building")
LONGEST_LINE = 64 * 1024

Document = dict[str, Any]
Print = Callable[[str], None]


class WholeLines:
    """Prints whole lines, so that an escape sequence that came in two pieces is taken out whole."""

    def __init__(self, write: Print) -> None:
        self._write = write
        self._rest = ""

    def __call__(self, text: str) -> None:
        lines, newline, rest = (self._rest + text).rpartition("\n")
        if newline:
            self._write(clean(lines))
        self._rest = rest
        if len(rest) > LONGEST_LINE:
            self.close()

    def close(self) -> None:
        """Print what came last, whose line has no end."""
        if self._rest:
            self._write(clean(self._rest))
        self._rest = ""


def answer(session: Session, build: Document, *, wait: bool) -> None:
    """Answer a request that has a build begin; with `wait`, at the end of the build."""
    say(opening(build))
    if wait:
        watch(session, int(build["id"]))
    elif build["stage"] == OVER:
        session.done(joined(ending(build)), build)
    else:
        again = f"slipway build watch {build['id']}"
        session.done(_("Watch it: {command}", command=again), build)


def watch(session: Session, number: int) -> None:
    """Tell what a build does and prints until it is over; exit 1 unless there is a version.

    Where another build makes the version already, that one is followed, too.
    """
    final = follow(session.api, number, say, say)
    for sentence in ending(final):
        say(sentence)
    outcome = str(final["status"])
    if other := _maker(session.api, final):
        made = follow(session.api, other, say, say)
        for sentence in ending(made):
            say(sentence)
        outcome = str(made["status"])
        final = session.api.get(at("builds", number))
    if session.is_json:
        out(as_json(final))
    if outcome not in GOOD:
        raise AlreadyPrinted


def follow(client: Client, number: int, tell: Say, write: Print) -> Document:
    """Return the build when it is over. Raises Interrupted on Ctrl-C, Failed when there was no
    answer for five minutes, Refused when the server no longer lets us look."""
    try:
        return _Follow(client, number, tell, write).run()
    except KeyboardInterrupt:
        raise Interrupted(
            _(
                "\nStopped watching; build {number} goes on."
                " Watch again: slipway build watch {number}",
                number=number,
            )
        ) from None


class _Follow:
    def __init__(self, client: Client, number: int, tell: Say, write: Print) -> None:
        self._client = client
        self._number = number
        self._tell = tell
        self._lines = WholeLines(write)
        self._start = 0
        self._told: set[str] = set()
        again = f"slipway build watch {number}"
        what = _("Build {number}", number=number)
        self._patience = ServerPatience(what, again, tell, client.pauses)

    def run(self) -> Document:
        while True:
            try:
                # The log after the build: of one that is over, it is whole.
                build: Document = self._client.get(at("builds", self._number))
                self._tell_news(build)
                self._print_log()
            except Failed as error:
                self._patience.wait(error)
                continue
            self._patience.heard()
            if build["stage"] == OVER:
                self._lines.close()
                return build
            time.sleep(self._client.pauses.followed)

    def _print_log(self) -> None:
        while True:
            page = self._client.get(at("builds", self._number, "log"), start=self._start)
            self._lines(page["text"])
            self._start = page["next"]
            if not page["text"]:
                return

    def _tell_news(self, build: Document) -> None:
        """Say once each where it can be seen, what its server says, and what is in the way."""
        problem = joined([build.get("problem"), build.get("problem_hint")])
        url = build.get("url")
        for sentence in (_("See {url}", url=url) if url else "", build.get("says") or "", problem):
            if sentence and sentence not in self._told and build["stage"] != OVER:
                self._told.add(sentence)
                self._tell(sentence)


def opening(build: Document) -> Text:
    """Return what was asked for: `Build 7: billing, main.`"""
    what = listed(filter(None, [build.get("ref"), (build.get("commit") or "")[:12]]))
    return _(
        "Build {number}: {service}, {what}.",
        number=build["id"],
        service=build["service"],
        what=what or _("its default ref"),
    )


def ending(build: Document) -> list[Text]:
    """Return how it ended, and what can be done about it."""
    number, service, status = build["id"], build["service"], build["status"]
    if status == "success":
        return [
            _("Version {version} of {service} is built.", version=build["version"], service=service)
        ]
    if status == "duplicate":
        return [
            _(
                "Nothing new is built: the commit is that of version {version}."
                " Use --force to build it again.",
                version=build["duplicate_of"],
            )
        ]
    how = word("build", str(status), english=_WORDS.get(status, ""))
    said = _("Build {number} of {service} {how}.", number=number, service=service, how=how)
    told = [joined([said, build.get("reason"), build.get("hint")])]
    if build.get("late_at"):
        told.append(
            _("It ended well after that. Take it: slipway build take {number}", number=number)
        )
    return told


_WORDS = {"timeout": "took too long"}


def _maker(client: Client, build: Document) -> int:
    """Return the build that makes the version which this one would only make again; 0 where that
    version is there."""
    if build["status"] != "duplicate":
        return 0
    name = build["duplicate_of"]
    version = client.get(at("services", build["service"], "versions", name))
    return int(version["build"]) if version["status"] in UNFINISHED else 0
