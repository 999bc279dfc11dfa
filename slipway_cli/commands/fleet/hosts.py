"""Hosts that are there: check, look at, put back, take out of use, forget."""

from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Option
from slipway_cli.arguments.options import Reason, WaitOptions, Where, Yes
from slipway_cli.arguments.values import given
from slipway_cli.commands.fleet import host_entries
from slipway_cli.commands.fleet.host_entries import AcceptKey, Name
from slipway_cli.commands.fleet.machines import HOSTS, show
from slipway_cli.commands.fleet.restored import show_restore
from slipway_cli.errors import AlreadyPrinted, Usage
from slipway_cli.following.checks import CHECK, check_hosts
from slipway_cli.language import _, word
from slipway_cli.printed.render import Row
from slipway_cli.session import Session

commands, host = host_entries.commands, host_entries.host


@host.command("check")
def check(
    session: Session,
    names: Annotated[list[str] | None, Argument("Names of hosts.")] = None,
    env: Annotated[str, Option("All hosts of an environment.")] = "",
    accept_key: AcceptKey = False,
) -> None:
    """Reach hosts, verify their host keys and gather facts; exit code 1 when one is not well."""
    if bool(names) == bool(env):
        raise Usage(_("Say which hosts: their names, or --env ENVIRONMENT."))
    wish = given(hosts=names, environment=env) | {"learn_key": accept_key}
    group = check_hosts(session.api, wish)
    items: list[Row] = group["items"]
    if session.is_json:
        session.thing(group, ())
    else:
        session.rows(items, CHECK, empty=_("There is no host to check."))
    if not all(item["ok"] for item in items):
        raise AlreadyPrinted


@host.command("list")
def list_hosts(
    session: Session,
    env: Annotated[str, Option("Only of this environment.")] = "",
    label: Annotated[str, Option("Only with this label: name=value.")] = "",
    search: Annotated[str, Option("Part of the name or address.")] = "",
    where: Where = "",
) -> None:
    """List hosts and how they are."""
    rows = session.api.items("/hosts", environment=env, label=label, search=search, where=where)
    session.rows(rows, HOSTS, empty=_("There is no such host."))


@host.command("show")
def show_host(session: Session, name: Name) -> None:
    """Show one host with its facts."""
    show(session, session.api.get(at("hosts", name)))


@host.command("remove")
def remove_host(session: Session, name: Name, yes: Yes = False) -> None:
    """Forget a host that has no instances; nothing is done on the host itself."""
    session.confirm(_("Forget host {name}?", name=name), yes=yes)
    forgotten = session.api.delete(at("hosts", name))
    session.done(_("Host {name} is forgotten.", name=name), forgotten)


@host.command("forget-key")
def forget_host_key(session: Session, name: Name, reason: Reason = "", yes: Yes = False) -> None:
    """Forget a host key that was changed on purpose; a check with --accept-key learns the new."""
    session.confirm(_("Forget the host key of {name}?", name=name), yes=yes)
    changed = session.api.post(at("hosts", name, "forget-key"), {"reason": reason})
    session.done(
        _(
            "The host key of {name} is forgotten. Next: slipway host check {name} --accept-key",
            name=name,
        ),
        changed,
    )


@host.command("restore")
def restore_host(
    session: Session,
    name: Name,
    waits: WaitOptions,
    dry_run: Annotated[
        bool, Option("Show what would be done, and do nothing.", ("--dry-run",))
    ] = False,
    reason: Reason = "",
) -> None:
    """Put everything back on a host that is empty now: each service as it should be there."""
    waits.check()
    wish = given(reason=reason, dry_run=dry_run or None)
    restored = session.begin(at("hosts", name, "restore"), wish, waits.confirm)
    show_restore(session, restored, waits)


@host.command("maintenance")
def maintenance(
    session: Session,
    name: Name,
    state: Annotated[str, Argument("on or off.", metavar="on|off")],
    reason: Reason = "",
) -> None:
    """Take a host out of use, or back into it; what runs there goes on running."""
    if state not in ("on", "off"):
        raise Usage(_("Maintenance is `on` or `off`."))
    body = {"on": state == "on", "reason": reason}
    changed = session.api.post(at("hosts", name, "maintenance"), body)
    said = _("Maintenance of {name} is {state}.", name=name, state=word("switch", state))
    session.done(said, changed)
