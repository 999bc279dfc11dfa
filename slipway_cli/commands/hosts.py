"""Hosts: add, import, check, look at, take out of use, forget."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway_cli.checks import CHECK, check_hosts
from slipway_cli.client import at
from slipway_cli.errors import Failed, Usage
from slipway_cli.render import Column, Row, clean, say
from slipway_cli.session import Output, connect
from slipway_cli.spreading import spread
from slipway_cli.values import given, pairs
from slipway_cli.wishes import Reason, Yes

app = typer.Typer()
host = typer.Typer(help="Machines reached by SSH.", no_args_is_help=True)
app.add_typer(host, name="host")

HOSTS = (
    Column("name", "name"),
    Column("address", lambda row: f"{row.get('user')}@{row.get('address')}:{row.get('port')}"),
    Column("environment", "environment"),
    Column("state", "state"),
    Column("labels", "labels"),
    Column("last seen", "last_seen_at"),
)
HOST = (
    *HOSTS,
    Column("root", "root"),
    Column("become", "become"),
    Column("key", "key"),
    Column("host key", "host_key_fingerprint"),
    Column("facts", "facts"),
)

Name = Annotated[str, typer.Argument(help="Name of the host.")]
AcceptKey = Annotated[
    bool, typer.Option("--accept-key", help="Learn the host key that the host shows now.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """How a host is reached and where it belongs."""

    address: Annotated[str, typer.Option(help="Host name or IP address.")]
    env: Annotated[str, typer.Option(help="Environment it belongs to.")]
    port: Annotated[int, typer.Option(min=1, max=65535, help="SSH port.")] = 22
    user: Annotated[str, typer.Option(help="User to log in as.")] = "root"
    root: Annotated[str, typer.Option(help="Folder for releases (/opt/slipway).")] = ""
    sudo: Annotated[bool, typer.Option("--sudo", help="Become root by sudo.")] = False
    key: Annotated[str, typer.Option(help="Name of the key to use.")] = "default"
    label: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None

    def body(self, name: str) -> dict[str, object]:
        return {
            "name": name,
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "become": "sudo" if self.sudo else "none",
            "environment": self.env,
            "key": self.key,
            "labels": pairs(self.label),
            **given(root=self.root),
        }


@host.command("add")
@spread
def add_host(
    ctx: typer.Context,
    name: Name,
    place: HostOptions,
    accept_key: AcceptKey = False,
    output: Output = None,
) -> None:
    """Add a host; with --accept-key also reach it, learn its host key and gather its facts."""
    session = connect(ctx, output)
    added = session.api.post("/hosts", place.body(name))
    if not accept_key:
        session.done(f"Host {name} is added. Next: slipway host check {name} --accept-key", added)
        return
    group = check_hosts(session.api, {"hosts": [name], "learn_key": True})
    problem = next((item for item in group["items"] if not item["ok"]), None)
    if problem:
        raise Failed(
            f"Host {name} is added, but not ready: {problem['message']}",
            hint=problem.get("hint") or f"Then ask again: slipway host check {name} --accept-key",
            code=problem.get("code") or "failed",
        )
    session.done(f"Host {name} is ready.", session.api.get(at("hosts", name)))


@host.command("import")
def import_hosts(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, Ansible inventory (INI, YAML), SSH config.")],
    env: Annotated[str, typer.Option(help="Environment of hosts that name none.")] = "",
    key: Annotated[str, typer.Option(help="Key of hosts that name none.")] = "",
    user: Annotated[str, typer.Option(help="User on hosts that name none.")] = "",
    output: Output = None,
) -> None:
    """Add every host of a file that is not there yet."""
    session = connect(ctx, output)
    body = {"text": _text(file), "filename": file.name}
    report = session.api.post("/hosts/import", body | given(environment=env, key=key, user=user))
    added, skipped = _names(report["added"]), _names(report["skipped"])
    problems = [clean(_problem(each)) for each in report["problems"]]
    session.done(f"{len(added)} added, {len(skipped)} were there, {len(problems)} not.", report)
    for problem in problems:
        say(f"Not added: {problem}")
    if problems:
        raise typer.Exit(1)


@host.command("check")
def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Names of hosts.")] = None,
    env: Annotated[str, typer.Option(help="All hosts of an environment.")] = "",
    accept_key: AcceptKey = False,
    output: Output = None,
) -> None:
    """Reach hosts, verify their host keys and gather facts; exit code 1 when one is not well."""
    session = connect(ctx, output)
    if bool(names) == bool(env):
        raise Usage("Say which hosts: their names, or --env ENVIRONMENT.")
    wish = given(hosts=names, environment=env) | {"learn_key": accept_key}
    group = check_hosts(session.api, wish)
    items: list[Row] = group["items"]
    if session.is_json:
        session.thing(group, ())
    else:
        session.rows(items, CHECK, empty="There is no host to check.")
    if not all(item["ok"] for item in items):
        raise typer.Exit(1)


@host.command("list")
def list_hosts(
    ctx: typer.Context,
    env: Annotated[str, typer.Option(help="Only of this environment.")] = "",
    label: Annotated[str, typer.Option(help="Only with this label: name=value.")] = "",
    search: Annotated[str, typer.Option(help="Part of the name or address.")] = "",
    output: Output = None,
) -> None:
    """List hosts and how they are."""
    session = connect(ctx, output)
    rows = session.api.items("/hosts", environment=env, label=label, search=search)
    session.rows(rows, HOSTS, empty="There is no such host.")


@host.command("show")
def show_host(ctx: typer.Context, name: Name, output: Output = None) -> None:
    """Show one host with its facts."""
    session = connect(ctx, output)
    session.thing(session.api.get(at("hosts", name)), HOST)


@host.command("remove")
def remove_host(ctx: typer.Context, name: Name, yes: Yes = False, output: Output = None) -> None:
    """Forget a host that has no instances; nothing is done on the host itself."""
    session = connect(ctx, output)
    session.confirm(f"Forget host {name}?", yes=yes)
    session.done(f"Host {name} is forgotten.", session.api.delete(at("hosts", name)))


@host.command("maintenance")
def maintenance(
    ctx: typer.Context,
    name: Name,
    state: Annotated[str, typer.Argument(help="on or off.", metavar="on|off")],
    reason: Reason = "",
    output: Output = None,
) -> None:
    """Take a host out of use, or back into it; what runs there goes on running."""
    if state not in ("on", "off"):
        raise Usage("Maintenance is `on` or `off`.")
    session = connect(ctx, output)
    body = {"on": state == "on", "reason": reason}
    changed = session.api.post(at("hosts", name, "maintenance"), body)
    session.done(f"Maintenance of {name} is {state}.", changed)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{file} cannot be read: {error}.") from error


def _names(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) else [None] * int(found)


def _problem(problem: Any) -> str:
    if isinstance(problem, dict):
        return " ".join(str(value) for value in problem.values() if value)
    return str(problem)
