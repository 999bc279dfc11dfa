"""Tells what became of the hosts of a file."""

from typing import Any

from slipway_cli.api.client import Client
from slipway_cli.following.checks import check_hosts
from slipway_cli.language import _
from slipway_cli.printed.render import Column, Row, say
from slipway_cli.session import Session

MOST_AT_ONCE = 200

HOSTS = (
    Column("action", "action"),
    Column("name", "name"),
    Column("address", lambda row: f"{row['user']}@{row['address']}:{row['port']}"),
    Column("become", "become"),
    Column("root", "root"),
    Column("environment", "environment"),
    Column("key", "key"),
    Column("labels", "labels"),
)


def show_import(session: Session, report: dict[str, Any]) -> None:
    """Say what was done, or would be, and line by line what is left out."""
    dry = report.get("dry_run", False)
    if dry and not session.is_json:
        session.rows(report["hosts"], HOSTS, empty=_("No host would be added or changed."))
    counts = {name: len(report[name]) for name in ("added", "skipped", "problems")}
    session.done(
        _("{added} added, {skipped} were there already, {problems} not added.", **counts), report
    )
    if changed := report.get("changed"):
        say(_("{count} changed.", count=len(changed)))
    if dry:
        say(_("That is what would be done: nothing was."))
    if encoding := report.get("encoding"):
        say(_("Read as {format} in {encoding}.", format=report["format"], encoding=encoding))
    for problem in report["problems"]:
        say(_("Not added: {problem}", problem=problem))
    for left_out in report.get("left_out", ()):
        say(_("Note: {text}", text=left_out))


def learn_keys(client: Client, hosts: list[str]) -> list[Row]:
    """Reach the hosts that were added, and learn their keys."""
    items: list[Row] = []
    for at in range(0, len(hosts), MOST_AT_ONCE):
        wish = {"hosts": hosts[at : at + MOST_AT_ONCE], "learn_key": True}
        items += check_hosts(client, wish)["items"]
    return items
