"""Hosts come in: one by one or out of a file, and how one is reached is changed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.values import given, pairs, require_any
from slipway_cli.commands.fleet.imported import learn_keys, show_import
from slipway_cli.errors import AlreadyPrinted, Failed, Usage
from slipway_cli.files.inventories import read_inventory
from slipway_cli.following.checks import check_hosts
from slipway_cli.language import _
from slipway_cli.session import Session

commands = Commands()
host = commands.group("host", "Machines reached by SSH.")

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
        said = _("Host {name} is added. Next: slipway host check {name} --accept-key", name=name)
        session.done(said, added)
        return
    group = check_hosts(session.api, {"hosts": [name], "learn_key": True})
    problem = next((item for item in group["items"] if not item["ok"]), None)
    if problem:
        raise Failed(
            _("Host {name} is added, but not ready: {why}", name=name, why=problem["message"]),
            hint=problem.get("hint")
            or _("Then ask again: slipway host check {name} --accept-key", name=name),
            code=problem.get("code") or "failed",
        )
    session.done(_("Host {name} is ready.", name=name), session.api.get(at("hosts", name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChanges:
    """What of a host is to be another; what is not said stays."""

    address: Annotated[str, Option("Host name or IP address; its key is learnt anew.")] = ""
    env: Annotated[str, Option("Environment it belongs to; without instances only.")] = ""
    port: Annotated[int | None, Option("SSH port.", least=1, most=65535)] = None
    user: Annotated[str, Option("User to log in as.")] = ""
    root: Annotated[str, Option("Folder for releases; without instances only.")] = ""
    sudo: Annotated[bool | None, Option("Become root by sudo.", flags=("--sudo",))] = None
    key: Annotated[str, Option("Name of the key to use.")] = ""
    label: Annotated[
        list[str] | None, Option("name=value; may be repeated: these and no others.")
    ] = None
    no_labels: Annotated[bool, Option("Take all labels away.", flags=("--no-labels",))] = False

    def fields(self) -> dict[str, object]:
        """Return what was said, as the API takes it. Raises Usage."""
        if self.label and self.no_labels:
            raise Usage(_("Say either --label or --no-labels."))
        become = {None: "", True: "sudo", False: "none"}[self.sudo]
        said = given(
            address=self.address,
            environment=self.env,
            port=self.port,
            user=self.user,
            root=self.root,
            become=become,
            key=self.key,
            labels=pairs(self.label),
        )
        return {**said, "labels": {}} if self.no_labels else said


@host.command("change")
def change_host(session: Session, name: Name, changes: HostChanges) -> None:
    """Change how a host is reached or where it belongs."""
    fields = changes.fields()
    require_any(fields, "slipway host change")
    changed = session.api.patch(at("hosts", name), fields)
    if changed["host_key"]:
        said = _("Host {name} is changed.", name=name)
    else:
        said = _("Host {name} is changed. Next: slipway host check {name} --accept-key", name=name)
    session.done(said, changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """What counts for hosts of a file that say nothing of it."""

    env: Annotated[str, Option("Environment of hosts that name none.")] = ""
    key: Annotated[str, Option("Key of hosts that name none.")] = ""
    user: Annotated[str, Option("User on hosts that name none.")] = ""
    root: Annotated[str, Option("Folder for releases of hosts that name none.")] = ""
    sudo: Annotated[bool, Option("Become root by sudo, unless the file says.", ("--sudo",))] = False
    label: Annotated[list[str] | None, Option("name=value for all; may be repeated.")] = None

    def body(self) -> dict[str, object]:
        return given(
            environment=self.env,
            key=self.key,
            user=self.user,
            root=self.root,
            become="sudo" if self.sudo else "",
            labels=pairs(self.label),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file of hosts is read."""

    format: Annotated[str, Option("csv, ini, yaml, ssh or ansible-inventory.")] = ""
    encoding: Annotated[str, Option("utf-8, gbk, utf-16, cp1252; else it is found out.")] = ""
    no_ask: Annotated[
        bool, Option("Do not ask ansible-inventory or ssh on this machine.", ("--no-ask",))
    ] = False


@host.command("import")
def import_hosts(
    session: Session,
    file: Annotated[Path, Argument("CSV, Ansible inventory (INI, YAML), SSH config.")],
    place: StandIns,
    reading: Reading,
    update: Annotated[bool, Option("Change hosts that are there already.", ("--update",))] = False,
    dry_run: Annotated[
        bool, Option("Show what would be done, and do nothing.", ("--dry-run",))
    ] = False,
    accept_key: AcceptKey = False,
) -> None:
    """Add every host of a file that is not there yet, and name what the file says besides."""
    said = read_inventory(
        file, ask=not reading.no_ask, encoding=reading.encoding, format=reading.format
    )
    how = {"update": update, "dry_run": dry_run}
    body = said | place.body() | {name: True for name, wish in how.items() if wish}
    report = session.api.post("/hosts/import", body)
    checked = accept_key and not dry_run and learn_keys(session.api, report["added"])
    show_import(session, report)
    if report["problems"] or (checked and not all(item["ok"] for item in checked)):
        raise AlreadyPrinted
