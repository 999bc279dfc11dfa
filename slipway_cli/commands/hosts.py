"""Hosts: add, import, check, look at, take out of use, forget."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from slipway_cli.checks import CHECK, check_hosts
from slipway_cli.client import at
from slipway_cli.errors import Answered, Failed, Usage
from slipway_cli.grammar import Argument, Commands, Option
from slipway_cli.render import Column, Row, at_time, say
from slipway_cli.session import Session
from slipway_cli.values import given, pairs
from slipway_cli.wishes import Reason, Yes

commands = Commands()
host = commands.group("host", "Machines reached by SSH.")

HOSTS = (
    Column("name", "name"),
    Column("address", lambda row: f"{row.get('user')}@{row.get('address')}:{row.get('port')}"),
    Column("environment", "environment"),
    Column("state", "state"),
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

Name = Annotated[str, Argument("Name of the host.")]
AcceptKey = Annotated[
    bool, Option("Learn the host key that the host shows now.", flags=("--accept-key",))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    """How a host is reached and where it belongs."""

    address: Annotated[str, Option("Host name or IP address.")]
    env: Annotated[str, Option("Environment it belongs to.")]
    port: Annotated[int, Option("SSH port.", least=1, most=65535)] = 22
    user: Annotated[str, Option("User to log in as.")] = "root"
    root: Annotated[str, Option("Folder for releases (/opt/slipway).")] = ""
    sudo: Annotated[bool, Option("Become root by sudo.", flags=("--sudo",))] = False
    key: Annotated[str, Option("Name of the key to use.")] = "default"
    label: Annotated[list[str] | None, Option("name=value; may be repeated.")] = None

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
def add_host(
    session: Session, name: Name, place: HostOptions, accept_key: AcceptKey = False
) -> None:
    """Add a host; with --accept-key also reach it, learn its host key and gather its facts."""
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
    session: Session,
    file: Annotated[Path, Argument("CSV, Ansible inventory (INI, YAML), SSH config.")],
    env: Annotated[str, Option("Environment of hosts that name none.")] = "",
    key: Annotated[str, Option("Key of hosts that name none.")] = "",
    user: Annotated[str, Option("User on hosts that name none.")] = "",
) -> None:
    """Add every host of a file that is not there yet."""
    body = {"text": _text(file), "filename": file.name}
    report = session.api.post("/hosts/import", body | given(environment=env, key=key, user=user))
    added, skipped, problems = (len(report[part]) for part in ("added", "skipped", "problems"))
    session.done(f"{added} added, {skipped} were there already, {problems} not added.", report)
    for problem in report["problems"]:
        say(f"Not added: {problem}")
    if problems:
        raise Answered


@host.command("check")
def check(
    session: Session,
    names: Annotated[list[str] | None, Argument("Names of hosts.")] = None,
    env: Annotated[str, Option("All hosts of an environment.")] = "",
    accept_key: AcceptKey = False,
) -> None:
    """Reach hosts, verify their host keys and gather facts; exit code 1 when one is not well."""
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
        raise Answered


@host.command("list")
def list_hosts(
    session: Session,
    env: Annotated[str, Option("Only of this environment.")] = "",
    label: Annotated[str, Option("Only with this label: name=value.")] = "",
    search: Annotated[str, Option("Part of the name or address.")] = "",
) -> None:
    """List hosts and how they are."""
    rows = session.api.items("/hosts", environment=env, label=label, search=search)
    session.rows(rows, HOSTS, empty="There is no such host.")


@host.command("show")
def show_host(session: Session, name: Name) -> None:
    """Show one host with its facts."""
    session.thing(session.api.get(at("hosts", name)), HOST)


@host.command("remove")
def remove_host(session: Session, name: Name, yes: Yes = False) -> None:
    """Forget a host that has no instances; nothing is done on the host itself."""
    session.confirm(f"Forget host {name}?", yes=yes)
    session.done(f"Host {name} is forgotten.", session.api.delete(at("hosts", name)))


@host.command("forget-key")
def forget_host_key(session: Session, name: Name, reason: Reason = "", yes: Yes = False) -> None:
    """Forget a host key that was changed on purpose; a check with --accept-key learns the new."""
    session.confirm(f"Forget the host key of {name}?", yes=yes)
    changed = session.api.post(at("hosts", name, "forget-key"), {"reason": reason})
    session.done(
        f"The host key of {name} is forgotten. Next: slipway host check {name} --accept-key",
        changed,
    )


@host.command("maintenance")
def maintenance(
    session: Session,
    name: Name,
    state: Annotated[str, Argument("on or off.", metavar="on|off")],
    reason: Reason = "",
) -> None:
    """Take a host out of use, or back into it; what runs there goes on running."""
    if state not in ("on", "off"):
        raise Usage("Maintenance is `on` or `off`.")
    body = {"on": state == "on", "reason": reason}
    changed = session.api.post(at("hosts", name, "maintenance"), body)
    session.done(f"Maintenance of {name} is {state}.", changed)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{file} cannot be read: {error}.") from error
