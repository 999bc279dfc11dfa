"""Services: what is released."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.grammar import Commands, Option
from slipway_cli.render import Column
from slipway_cli.secretfile import read_secret
from slipway_cli.session import Session
from slipway_cli.specfile import read_spec
from slipway_cli.values import given, pairs
from slipway_cli.wishes import Service, Yes

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
    Column("build url", "build_url"),
    Column("build server", "build_server"),
    Column("project there", "build_project"),
    Column("build settings", "build"),
    Column("webhook secret", lambda row: "set" if row.get("hook_secret_set") else ""),
    Column("packages kept", lambda row: row.get("keep_versions") or "all"),
    Column("release spec", "spec"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What a service is."""

    language: Annotated[str, Option("cpp, go, python, java, node or other.")] = ""
    build_origin: Annotated[str, Option("gitlab, jenkins, command or upload.")] = ""
    build_url: Annotated[str, Option("Where its builds are found.")] = ""
    description: Annotated[str, Option("What it is for.")] = ""
    default_ref: Annotated[str, Option("Default branch.")] = ""
    label: Annotated[list[str] | None, Option("name=value; may be repeated.")] = None
    spec: Annotated[
        Path | None, Option("File of the release spec; overrides the package's own.")
    ] = None

    def fields(self) -> dict[str, Any]:
        """Return what was said, as the API takes it."""
        said: dict[str, Any] = given(
            language=self.language,
            build_origin=self.build_origin,
            build_url=self.build_url,
            description=self.description,
            default_ref=self.default_ref,
        )
        if self.label:
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
    session.done(f"Service {service} is there.", made)


@service_app.command("change")
def change_service(
    session: Session, service: Service, options: ServiceOptions, built: BuiltOptions
) -> None:
    """Change a service; what is not said stays."""
    changes = options.fields() | built.fields()
    if not changes:
        raise Usage("Say what to change.", hint="See `slipway service change --help`.")
    changed = session.api.patch(at("services", service), changes)
    session.done(f"Service {service} is changed.", changed)


@service_app.command("list")
def list_services(
    session: Session, search: Annotated[str, Option("Part of the name or description.")] = ""
) -> None:
    """List the services you may see."""
    rows = session.api.items("/services", search=search)
    session.rows(rows, SERVICES, empty="There is no such service.")


@service_app.command("show")
def show_service(session: Session, service: Service) -> None:
    """Show one service."""
    session.thing(session.api.get(at("services", service)), SERVICE)


@service_app.command("delete")
def delete_service(session: Session, service: Service, yes: Yes = False) -> None:
    """Delete a service that has neither instances nor versions."""
    session.confirm(f"Delete service {service}?", yes=yes)
    session.done(f"Service {service} is deleted.", session.api.delete(at("services", service)))
