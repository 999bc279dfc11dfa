"""Hosts as tables and one by one, with as much of them as one may see."""

from slipway_cli.language import _
from slipway_cli.printed.render import Column, Row, at_time, in_words, say
from slipway_cli.session import Session


def _reach(row: Row) -> str:
    """Return how it is reached; "" where one may not see it."""
    return f"{row['user']}@{row['address']}:{row['port']}" if row.get("address") else ""


HOSTS = (
    Column("name", "name"),
    Column("address", _reach),
    Column("environment", "environment"),
    Column("state", in_words("host", "state")),
    Column("labels", "labels"),
    Column("last seen", at_time("last_seen_at")),
)
HOST = (
    *HOSTS,
    Column("root", "root"),
    Column("become", "become"),
    Column("key", "key"),
    Column("host key", "host_key_fingerprint"),
    Column("problem", "problem"),
    Column("facts", "facts"),
)


def show(session: Session, host: Row) -> None:
    """Answer with one host, and say why not all of it is there."""
    session.thing(host, HOST)
    if not session.is_json and not host.get("whole", True):
        say(
            _(
                "How it is reached and what was found there is shown to whoever has a right on"
                " {environment}, and not only on services.",
                environment=host["environment"],
            )
        )
