"""Who may change how a service is built, and changes that meet each other."""

from typing import Any

import pytest

from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.catalog.models import BuildServer, Service
from slipway.records.catalog.operations import servers, services
from tests.records.people import NOW, bob, person

pytestmark = pytest.mark.django_db

HOSTS = {"gitlab": "https://gitlab.example.com", "command": "https://git.example.com"}


def build_server(kind: str) -> BuildServer:
    return servers.create_server(name=kind, kind=kind, base_url=HOSTS[kind], by=bob(), now=NOW)


def built_by(kind: str, **build: object) -> Service:
    """billing, built by a server of that kind."""
    return services.create_service(
        name="billing",
        build_server=build_server(kind).name,
        build_project="team/billing",
        build=build,
        by=bob(),
        now=NOW,
    )


def dora() -> Actor:
    """An admin of billing, and of nothing else."""
    return person("dora", (Role.ADMIN, "billing", ""))


def change(service: Service, by: Actor, **changes: Any) -> None:
    services.change_service(service=service, changes=changes, by=by, now=NOW)


# --- commands run on a worker --------------------------------------------------------------------


def test_the_command_that_a_worker_runs_is_for_admins_over_everything() -> None:
    service = built_by("command", command="make package")
    for command in ({"command": "curl evil.example.com"}, {}):
        with pytest.raises(Forbidden):
            change(service, dora(), build=command)
    assert Service.objects.get().build == {"command": "make package"}
    change(service, bob(), build={"command": "make all"})
    assert Service.objects.get().build == {"command": "make all"}


def test_an_admin_of_the_service_changes_all_else_of_its_build() -> None:
    service = built_by("command", command="make package")
    build = {"command": ["make", "package"], "timeout": "5m"}
    change(service, dora(), build=build)
    assert Service.objects.get().build == build


@pytest.mark.parametrize(
    "more",
    [
        {"variables": {"TARGET": "linux", "CC": "sh -c id"}},
        {"variables": {"TARGET": "sh -c id"}},
        {"variables": {}},
        {"accepts": ["CC"]},
        {"memory_limit": 1024 * 1024},
        {"process_limit": 32_768},
        {"network": "machine"},
    ],
)
def test_what_a_command_is_given_and_its_limits_are_for_admins_over_everything(
    more: dict[str, object],
) -> None:
    kept = {"command": "make", "variables": {"TARGET": "linux"}, "network": "none"}
    service = built_by("command", **kept)
    wish = {**kept, **more}
    with pytest.raises(Forbidden):
        change(service, dora(), build=wish)
    assert Service.objects.get().build == kept
    change(service, bob(), build=wish)
    assert Service.objects.get().build == wish


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "IFS", "ENV", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "GIT_SSH_COMMAND"),
        *("GIT_DIR", "PYTHONPATH", "PYTHONSTARTUP"),
    ],
)
def test_nobody_lets_a_command_have_variables_that_steer_the_workers_programs(name: str) -> None:
    service = built_by("command", command="make")
    for wish in ({"variables": {name: "$(id)"}}, {"accepts": [name]}):
        build = {"command": "make", **wish}
        with pytest.raises(Invalid, match=f"cannot have the variable {name}:"):
            change(service, bob(), build=build)
        other = services.create_service(
            name=f"shop-{len(str(wish))}", build=build, by=bob(), now=NOW
        )
        with pytest.raises(Invalid, match=f"cannot have the variable {name}:"):
            change(other, bob(), build_server="command", build_project="team/shop")


def test_a_service_that_had_such_a_variable_before_is_changed_in_all_else() -> None:
    service = built_by("command", command="make")
    Service.objects.update(build={"command": "make", "variables": {"GIT_DIR": "/x"}})
    change(service, dora(), description="Bills.")
    assert Service.objects.get().description == "Bills."


def test_elsewhere_a_build_has_such_variables() -> None:
    change(built_by("gitlab"), dora(), build={"variables": {"GIT_DEPTH": "1"}})
    assert Service.objects.get().build == {"variables": {"GIT_DEPTH": "1"}}


def test_a_command_that_nobody_runs_is_for_the_services_admin() -> None:
    change(built_by("gitlab"), dora(), build={"command": "make package"})
    assert Service.objects.get().build == {"command": "make package"}


def test_only_admins_over_everything_have_a_service_built_by_command() -> None:
    build_server("command")
    built_so: dict[str, Any] = {"build_server": "command", "build_project": "team/billing"}
    for wish in (built_so, {**built_so, "build": {"command": "make"}}):
        with pytest.raises(Forbidden):
            services.create_service(name="billing", by=dora(), now=NOW, **wish)
    service = services.create_service(name="billing", build={"command": "make"}, by=dora(), now=NOW)
    with pytest.raises(Forbidden):
        change(service, dora(), **built_so)
    change(service, bob(), **built_so)


def test_who_builds_the_service_is_asked_of_the_database_not_of_what_was_read_before() -> None:
    service = built_by("gitlab")
    read_before = Service.objects.get()
    build_server("command")
    change(service, bob(), build_server="command")
    with pytest.raises(Forbidden):
        change(read_before, dora(), build={"command": "curl evil.example.com"})


# --- two changes of a build server ---------------------------------------------------------------


def test_two_people_who_change_different_fields_both_get_their_way() -> None:
    build_server("gitlab")
    first, second = BuildServer.objects.get(), BuildServer.objects.get()
    for server, changes in ((first, {"username": "slipway"}), (second, {"credential": "s3cret"})):
        servers.change_server(server=server, changes=changes, by=bob(), now=NOW)
    kept = BuildServer.objects.get()
    assert (kept.username, kept.credential) == ("slipway", "s3cret")
    told = Event.objects.filter(verb="build_server.changed").order_by("id")
    assert [(event.before, event.after) for event in told] == [
        ({"username": ""}, {"username": "slipway"}),
        ({"credential": False}, {"credential": True}),
    ]


def test_a_credential_that_came_meanwhile_is_not_sent_to_another_address() -> None:
    build_server("gitlab")
    read_before = BuildServer.objects.get()
    servers.change_server(
        server=BuildServer.objects.get(), changes={"credential": "s3cret"}, by=bob(), now=NOW
    )
    with pytest.raises(Invalid, match="give the credential again"):
        servers.change_server(
            server=read_before,
            changes={"base_url": "https://elsewhere.example.com"},
            by=bob(),
            now=NOW,
        )
    assert BuildServer.objects.get().base_url == HOSTS["gitlab"]
