"""Build servers: what builds for us, and whether it works."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Argument, Commands, Option
from slipway_cli.arguments.options import Yes
from slipway_cli.arguments.values import require_any
from slipway_cli.errors import AlreadyPrinted, Failed, Usage
from slipway_cli.files.secrets import check_one_stdin, read_secret
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time
from slipway_cli.session import Session

commands = Commands()
server_app = commands.group("build-server", "GitLab, Jenkins, or commands: what builds for us.")

SERVERS = (
    Column("name", "name"),
    Column("kind", "kind"),
    Column("address", "base_url"),
    Column("user", "username"),
    Column("credential", lambda row: _("set") if row.get("credential_set") else ""),
    Column("webhook secret", lambda row: _("set") if row.get("hook_secret_set") else ""),
)
SERVER = (
    *SERVERS,
    Column("proxy", "proxy"),
    Column("packages also at", "package_bases"),
    Column("CA certificate", lambda row: _("its own") if row.get("ca_certificate") else ""),
    Column("changed at", at_time("updated_at")),
    Column("by", "updated_by"),
)
FINDINGS = (
    Column("ok", "works"),
    Column("what", "what"),
    Column("what to do", "hint"),
)

Name = Annotated[str, Argument("Name of the build server.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How a build server is reached. An empty text, or an empty file, takes a value away."""

    url: Annotated[str | None, Option("Its address: https://gitlab.example.com.")] = None
    username: Annotated[str | None, Option("User; Jenkins, and git over HTTPS.")] = None
    credential_file: Annotated[
        str, Option("File of its token or password; - reads it from input.")
    ] = ""
    ca: Annotated[Path | None, Option("File of the CA that its certificate is of (PEM).")] = None
    proxy: Annotated[str | None, Option("Proxy to reach it by: http://proxy:3128.")] = None
    package_base: Annotated[
        list[str] | None, Option("Where packages may lie besides; may be repeated.")
    ] = None
    hook_secret_file: Annotated[
        str, Option("File of the secret of its webhooks; - reads it from input.")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """Return what was said, as the API takes it."""
        check_one_stdin(self.credential_file, self.hook_secret_file)
        said: dict[str, Any] = {
            "base_url": self.url,
            "username": self.username,
            "proxy": self.proxy,
            "package_bases": self.package_base,
            "ca_certificate": _text(self.ca) if self.ca else None,
        }
        if self.credential_file:
            said["credential"] = read_secret(self.credential_file, "credential")
        if self.hook_secret_file:
            said["hook_secret"] = read_secret(self.hook_secret_file, "secret")
        return {name: value for name, value in said.items() if value is not None}


@server_app.command("add")
def add_server(
    session: Session,
    name: Name,
    kind: Annotated[str, Option("gitlab, jenkins or command.")],
    options: ServerOptions,
) -> None:
    """Make a build server known; its credential is kept encrypted and never shown again."""
    made = session.api.post("/build-servers", {"name": name, "kind": kind, **options.fields()})
    said = _("Build server {name} is there. Next: slipway build-server test {name}", name=name)
    session.done(said, made)


@server_app.command("list")
def list_servers(session: Session) -> None:
    """List the build servers, without their secrets."""
    rows = session.api.items("/build-servers")
    session.rows(rows, SERVERS, empty=_("There is no build server yet."))


@server_app.command("show")
def show_server(session: Session, name: Name) -> None:
    """Show one build server, without its secrets."""
    session.thing(session.api.get(at("build-servers", name)), SERVER)


@server_app.command("change")
def change_server(session: Session, name: Name, options: ServerOptions) -> None:
    """Change a build server; a new address needs the credential again."""
    changes = options.fields()
    require_any(changes, "slipway build-server change")
    changed = session.api.patch(at("build-servers", name), changes)
    session.done(_("Build server {name} is changed.", name=name), changed)


@server_app.command("remove")
def remove_server(session: Session, name: Name, yes: Yes = False) -> None:
    """Forget a build server that builds no service."""
    session.confirm(_("Forget build server {name}?", name=name), yes=yes)
    forgotten = session.api.delete(at("build-servers", name))
    session.done(_("Build server {name} is forgotten.", name=name), forgotten)


@server_app.command("test")
def check_server(
    session: Session,
    name: Name,
    project: Annotated[str, Option("Whether this project can be built, too.")] = "",
) -> None:
    """Reach a build server, log in and look at its rights; exit code 1 when something is wrong."""
    started = session.api.post(at("build-servers", name, "checks"), {"project": project})
    late = Failed(
        _("The test has not ended."),
        hint=_("Is a worker running? `slipway doctor` tells."),
        code="check_unfinished",
    )
    path = at("build-servers", "checks", started["id"])
    check = session.api.get_when(lambda check: check["finished"], path, late)
    if session.is_json:
        session.thing(check, ())
    else:
        session.rows(check["findings"], FINDINGS, empty=_("Nothing was found out."))
    if not check["works"]:
        raise AlreadyPrinted


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        said = _("The certificate {file} cannot be read: {error}.", file=file, error=error)
        raise Usage(said) from error
