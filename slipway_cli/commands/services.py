"""Services: what is released."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway_cli.client import at
from slipway_cli.errors import Usage
from slipway_cli.render import Column
from slipway_cli.session import Output, connect
from slipway_cli.specfile import read_spec
from slipway_cli.spreading import spread
from slipway_cli.values import given, pairs
from slipway_cli.wishes import Service, Yes

app = typer.Typer()
service_app = typer.Typer(help="What is released; one repository each.", no_args_is_help=True)
app.add_typer(service_app, name="service")

SERVICES = (
    Column("name", "name"),
    Column("language", "language"),
    Column("build", "build_origin"),
    Column("labels", "labels"),
    Column("description", "description"),
)
SERVICE = (*SERVICES, Column("build url", "build_url"), Column("release spec", "spec"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What a service is."""

    language: Annotated[str, typer.Option(help="cpp, go, python, java, node or other.")] = ""
    build_origin: Annotated[str, typer.Option(help="gitlab, jenkins, command or upload.")] = ""
    build_url: Annotated[str, typer.Option(help="Where its builds are found.")] = ""
    description: Annotated[str, typer.Option(help="What it is for.")] = ""
    default_ref: Annotated[str, typer.Option(help="Default branch.")] = ""
    label: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None
    spec: Annotated[
        Path | None, typer.Option(help="File of the release spec; overrides the package's own.")
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


@service_app.command("create")
@spread
def create_service(
    ctx: typer.Context, service: Service, options: ServiceOptions, output: Output = None
) -> None:
    """Create a service."""
    session = connect(ctx, output)
    made = session.api.post("/services", {"name": service, **options.fields()})
    session.done(f"Service {service} is there.", made)


@service_app.command("change")
@spread
def change_service(
    ctx: typer.Context, service: Service, options: ServiceOptions, output: Output = None
) -> None:
    """Change a service; what is not said stays."""
    session = connect(ctx, output)
    changes = options.fields()
    if not changes:
        raise Usage("Say what to change.", hint="See `slipway service change --help`.")
    changed = session.api.patch(at("services", service), changes)
    session.done(f"Service {service} is changed.", changed)


@service_app.command("list")
def list_services(
    ctx: typer.Context,
    search: Annotated[str, typer.Option(help="Part of the name or description.")] = "",
    output: Output = None,
) -> None:
    """List the services you may see."""
    session = connect(ctx, output)
    rows = session.api.items("/services", search=search)
    session.rows(rows, SERVICES, empty="There is no such service.")


@service_app.command("show")
def show_service(ctx: typer.Context, service: Service, output: Output = None) -> None:
    """Show one service."""
    session = connect(ctx, output)
    session.thing(session.api.get(at("services", service)), SERVICE)


@service_app.command("delete")
def delete_service(
    ctx: typer.Context, service: Service, yes: Yes = False, output: Output = None
) -> None:
    """Delete a service that has neither instances nor versions."""
    session = connect(ctx, output)
    session.confirm(f"Delete service {service}?", yes=yes)
    session.done(f"Service {service} is deleted.", session.api.delete(at("services", service)))
