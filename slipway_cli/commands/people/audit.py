"""What was done by whom."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.values import point, present
from slipway_cli.errors import Usage
from slipway_cli.files.whole import written_whole
from slipway_cli.language import Text, _, told
from slipway_cli.printed.render import Column, Row, at_time
from slipway_cli.session import Session

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOptions:
    """Which events are meant; what is not said leaves nothing out."""

    verb: Annotated[str, Option("Only this verb, for example rollout.started.")] = ""
    thing: Annotated[
        str, Option("Only about what is called so, or by a part of it; #12: a rollout.")
    ] = ""
    service: Annotated[str, Option("Only about this service.")] = ""
    env: Annotated[str, Option("Only in this environment.")] = ""
    by: Annotated[str, Option("Only what this person did; slipway for what it did itself.")] = ""
    host: Annotated[str, Option("Only what was done to this host, or on it.")] = ""
    since: Annotated[str, Option("Only from then on: 2h ago is 2h; or a time (ISO 8601).")] = ""
    until: Annotated[str, Option("Only before then: 30m, or a time (ISO 8601).")] = ""

    def query(self) -> dict[str, str]:
        """Return it as the API takes it. Raises Usage."""
        now = present()
        return {
            "verb": self.verb,
            "thing": self.thing,
            "service": self.service,
            "environment": self.env,
            "by": self.by,
            "host": self.host,
            "since": point(self.since, now, past=True) if self.since else "",
            "until": point(self.until, now, past=True) if self.until else "",
        }


@audit.command("list")
def list_events(
    session: Session,
    which: EventOptions,
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List audit events, the newest first; a verb that ends with a dot is a beginning."""
    asked = which.query()
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


@audit.command("export")
def export_events(
    session: Session,
    file: Annotated[Path, Argument("Where to; .json makes it JSON, anything else CSV.")],
    which: EventOptions,
) -> None:
    """Write audit events to a file, the newest 20,000 of those that `list` shows with the same
    options; a file that is there is not overwritten. That is audited, too."""
    if file.exists():
        raise Usage(
            _("{file} is there already.", file=file),
            hint=_("Say another name as the last word."),
        )
    kind = "json" if file.suffix.lower() == ".json" else "csv"
    with written_whole(file) as part:
        session.api.download(
            "/audit/export", part, lambda moved: None, **which.query(), format=kind
        )
    session.done(_("{file} holds the events.", file=file), {"file": str(file), "format": kind})
