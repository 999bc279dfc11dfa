"""Services: what is released."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Commands, Option
from slipway_cli.arguments.options import Service, Where, Yes
from slipway_cli.arguments.values import given, pairs, require_any
from slipway_cli.errors import Usage
from slipway_cli.files.secrets import read_secret
from slipway_cli.files.specs import read_spec
from slipway_cli.language import _
from slipway_cli.printed.render import Column, at_time
from slipway_cli.session import Session

commands = Commands()
service_app = commands.group("service", "What is released; one repository each.")

SERVICES = (
    Column("name", "name"),
    Column("language", "language"),
    Column("build", "build_origin"),
    Column("labels", "labels"),
    Column("description", "description"),
)
SERVICE = (
    *SERVICES,
    Column("starred", lambda row: _("yes") if row.get("starred") else _("no")),
    Column("build url", "build_url"),
    Column("build server", "build_server"),
    Column("project there", "build_project"),
    Column("build settings", "build"),
    Column("webhook secret", lambda row: _("set") if row.get("hook_secret_set") else ""),
    Column("packages kept", lambda row: row.get("keep_versions") or _("all")),
    Column("release spec", "spec"),
)

RUNNING = (
    Column("environment", "environment"),
    Column("version", "version"),
    Column("instances", "instances"),
    Column("healthy", "healthy"),
    Column("drifted", "drifted"),
)
DELIVERIES = (
    Column("at", at_time("received_at")),
    Column("server", "server"),
    Column("event", "event"),
    Column("outcome", "outcome"),
    Column("build", "build"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What a service is."""

    language: Annotated[str, Option("cpp, go, python, java, node or other.")] = ""
    build_origin: Annotated[str, Option("gitlab, jenkins, command or upload.")] = ""
    build_url: Annotated[str | None, Option("Where its builds are found; may be empty.")] = None
    description: Annotated[str | None, Option("What it is for; may be empty.")] = None
    default_ref: Annotated[str, Option("Default branch.")] = ""
    label: Annotated[
        list[str] | None, Option("name=value; may be repeated: these and no others.")
    ] = None
    no_labels: Annotated[bool, Option("Take all labels away.", flags=("--no-labels",))] = False
    spec: Annotated[
        Path | None, Option("File of the release spec; overrides the package's own.")
    ] = None

    def fields(self) -> dict[str, Any]:
        """Return what was said, as the API takes it."""
        said: dict[str, Any] = given(
            language=self.language,
            build_origin=self.build_origin,
            default_ref=self.default_ref,
        )
        texts = {"build_url": self.build_url, "description": self.description}
        said |= {name: text for name, text in texts.items() if text is not None}
        if self.label and self.no_labels:
            raise Usage(_("Say either --label or --no-labels."))
        if self.label or self.no_labels:
            said["labels"] = pairs(self.label)
        if self.spec:
            said["spec"] = read_spec(self.spec)
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltOptions:
    """How its versions are made, and how many packages are kept."""

    build_server: Annotated[str | None, Option("Name of what builds it; empty for nobody.")] = None
    build_project: Annotated[str | None, Option("Project, job or repository there.")] = None
    build: Annotated[Path | None, Option("File of the build settings.")] = None
    keep_versions: Annotated[
        int | None, Option("How many newest packages are kept; 0 for all.", least=0)
    ] = None
    hook_secret_file: Annotated[
        str, Option("File of the secret of its webhooks; - reads it from input.")
    ] = ""

    def fields(self) -> dict[str, Any]:
        """Return what was said, as the API takes it."""
        said: dict[str, Any] = {
            name: value
            for name, value in (
                ("build_server", self.build_server),
                ("build_project", self.build_project),
            )
            if value is not None
        }
        if self.build:
            said["build"] = read_spec(self.build, "build settings")
        if self.keep_versions is not None:
            said["keep_versions"] = self.keep_versions or None
        if self.hook_secret_file:
            said["hook_secret"] = read_secret(self.hook_secret_file, "secret")
        return said


@service_app.command("create")
def create_service(
    session: Session, service: Service, options: ServiceOptions, built: BuiltOptions
) -> None:
    """Create a service."""
    body = {"name": service, **options.fields(), **built.fields()}
    made = session.api.post("/services", body)
    session.done(_("Service {service} is there.", service=service), made)


@service_app.command("change")
def change_service(
    session: Session, service: Service, options: ServiceOptions, built: BuiltOptions
) -> None:
    """Change a service; what is not said stays."""
    changes = options.fields() | built.fields()
    require_any(changes, "slipway service change")
    changed = session.api.patch(at("services", service), changes)
    session.done(_("Service {service} is changed.", service=service), changed)


@service_app.command("list")
def list_services(
    session: Session,
    search: Annotated[str, Option("Part of the name or description.")] = "",
    where: Where = "",
) -> None:
    """List the services you may see."""
    rows = session.api.items("/services", search=search, where=where)
    session.rows(rows, SERVICES, empty=_("There is no such service."))


@service_app.command("show")
def show_service(session: Session, service: Service) -> None:
    """Show one service."""
    session.thing(session.api.get(at("services", service)), SERVICE)


@service_app.command("star")
def star_service(session: Session, service: Service) -> None:
    """Let a service come first in your lists; `--where is:starred` finds it."""
    starred = session.api.post(at("services", service, "star"), {})
    session.done(_("{service} comes first in your lists.", service=service), starred)


@service_app.command("unstar")
def unstar_service(session: Session, service: Service) -> None:
    """Let a service stand among the others again."""
    starred = session.api.post(at("services", service, "unstar"), {})
    session.done(_("{service} stands among the others again.", service=service), starred)


@service_app.command("running")
def list_running(session: Session, service: Service) -> None:
    """List which versions of a service run in which environment, and on how many instances."""
    rows = session.api.items(at("services", service, "running"))
    session.rows(rows, RUNNING, empty=_("{service} runs nowhere.", service=service))


@service_app.command("deliveries")
def list_deliveries(
    session: Session,
    service: Service,
    limit: Annotated[int, Option("How many, the newest first.", least=1)] = 50,
) -> None:
    """List what webhooks told about a service, and what came of it."""
    rows = session.api.items(at("services", service, "deliveries"), most=limit)
    session.rows(rows, DELIVERIES, empty=_("No webhook has told anything yet."))


@service_app.command("delete")
def delete_service(session: Session, service: Service, yes: Yes = False) -> None:
    """Delete a service that has neither instances nor versions."""
    session.confirm(_("Delete service {service}?", service=service), yes=yes)
    deleted = session.api.delete(at("services", service))
    session.done(_("Service {service} is deleted.", service=service), deleted)
