"""Slipway is installed, used, backed up, restored, upgraded and scaled out as the documents say,
word for word: on one machine by its .deb, on another by its wheel."""

import zipfile
from collections.abc import Iterator

import pytest

from tests.lab.document_world import HEALTHY, NEW, OLD, SERVICES, World, fresh_world
from tests.lab.documents import ROOT, typed_blocks
from tests.lab.first_service import company, pack_first_service, put_into_production, spare_time
from tests.lab.laboratory import Lab
from tests.stands.gitlab import GitLabStand

INSTALLING, BACKUP, UPGRADING, OPERATING, SCALING = (
    f"docs/operations/{name}.md"
    for name in ("installing", "backup", "upgrading", "operating", "scaling-out")
)
FIRST_SERVICE, BUILDS = (f"docs/howto/{name}.md" for name in ("first-service", "builds"))
SQLITE, POSTGRESQL = 0, 1  # which of a heading's two blocks
SECRET = "the-secret-of-whoever-sends-webhooks-here"
PLACE = "/opt/slipway/billing/8080/current"
PROCESSES = ("slipway-web@8000", "slipway-web@8001", "slipway-worker@1", "slipway-worker@2")


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with fresh_world(lab, tmp_path_factory.mktemp("releases")) as made:
        yield made


@pytest.fixture(scope="module")
def gitlab(lab: Lab, world: World) -> Iterator[GitLabStand]:
    with company(lab.controller_address, world.other) as made:
        yield made


# One story on the machine with the .deb: each chapter begins where the one before it ended.


def test_it_is_installed_and_its_first_login_is_in_no_journal(world: World) -> None:
    world.follow(INSTALLING, "The server on Debian 12")
    login, gone = range(2)
    password = world.follow(INSTALLING, "The first login", only=login).splitlines()[-1]
    token = world.machine.says("cat", "/var/lib/slipway/admin-token")
    journal = world.machine.says("journalctl", "--no-pager")
    assert "Slipway is at" in journal
    assert len(password) > 10
    assert password not in journal
    assert token not in journal
    world.follow(INSTALLING, "The first login", only=gone)
    assert world.machine.says("slipway", "--version") == f"slipway {OLD}"
    pid = world.machine.says("systemctl", "show", "--property=MainPID", "--value", "slipway")
    assert world.machine.says("stat", "-c", "%U", f"/proc/{pid}") == "slipway"
    for path, wanted in {
        "/var/lib/slipway": "700 slipway slipway",
        "/var/lib/slipway/keys": "600 slipway slipway",
        "/etc/slipway/slipway.env": "640 root slipway",
        "/usr/lib/slipway/bin/slipway": "755 root root",
    }.items():
        assert world.machine.says("stat", "-c", "%a %U %G", path) == wanted, path


def test_behind_nginx_the_command_line_alone_reaches_it_by_tls(world: World) -> None:
    world.follow(INSTALLING, "TLS by nginx")
    printed = world.follow(INSTALLING, "The command line alone")
    assert printed == f"slipway {OLD}\n"
    url = "https://slipway.example.com"
    world.machine.run(*HEALTHY, "--cacert", "/etc/ssl/slipway.crt", f"{url}/healthz")
    token = world.slipway("token", "create", "ci", "--role", "viewer", "--expires", "1d")["token"]
    there = [f"SLIPWAY_URL={url}", f"SLIPWAY_TOKEN={token}", "SLIPWAY_CA=/etc/ssl/slipway.crt"]
    client = "/home/deploy/.local/bin/slipway"
    world.machine.run("runuser", "-u", "deploy", "--", "env", *there, client, "env", "list")


def test_what_the_readme_shows_is_a_service_that_goes_on_and_back(world: World) -> None:
    world.call_web_1("app-1", world.machine)
    begin, use = range(2)
    printed = world.follow("README.md", "Use it", only=begin, folder="/srv/services")
    world.let_in(printed, "app-1")
    world.follow("README.md", "Use it", only=use, folder="/srv/services")
    assert world.machines["app-1"].says("readlink", PLACE) == "../releases/1.0"


def test_a_release_is_upgraded_while_a_rollout_is_under_way(world: World) -> None:
    host = world.machines["app-1"]
    world.slipway("service", "create", "app", "--language", "other")
    for number in ("1", "2"):
        file = f"/srv/services/app-{number}.tar.gz"
        world.slipway("version", "upload", "app", file, "--version", number)
    world.slipway("deploy", "app", "1", "--env", "prod", "--hosts", "web-1", "--wait")
    rollout = str(world.slipway("upgrade", "app", "2", "--env", "prod")["id"])
    hook = host.path("/var/tmp/hook")
    world.until(hook.exists, "the hook of the new version has begun")

    world.follow(UPGRADING, "Upgrading Slipway", folder="/srv/new")

    assert world.machine.says("slipway", "--version") == f"slipway {NEW}"
    assert world.machine.says("systemctl", "is-active", "slipway") == "active"
    host.path("/var/tmp/go").touch()
    world.machine.run(*HEALTHY, "http://127.0.0.1:8000/healthz")
    world.until(
        lambda: world.slipway("rollout", "show", rollout)["state"] == "succeeded", "it succeeds"
    )
    assert hook.read_text() == "began\n"  # once, whoever drove it
    assert host.says("readlink", "/opt/slipway/app/main/current") == "../releases/2"


def test_a_backup_is_restored_also_after_secrets_were_forgotten(world: World) -> None:
    world.follow(BACKUP, "Backup", only=SQLITE)
    world.slipway("env", "create", "after-the-backup")
    world.machine.run("rm", "/var/lib/slipway/keys")
    world.follow(OPERATING, "Commands beside the service")
    world.machine.run(*HEALTHY, "http://127.0.0.1:8000/healthz")
    assert world.names("env", "list") == {"prod", "after-the-backup"}
    world.machine.run("rm", "-r", "/var/lib/slipway/packages", "/var/lib/slipway/keys")
    world.follow(BACKUP, "Restore", only=SQLITE)
    assert world.names("env", "list") == {"prod"}
    world.slipway("host", "check", "web-1")  # by a key that is encrypted with what was restored
    world.slipway("restart", "app", "--env", "prod", "--wait")


def test_it_moves_to_postgresql(world: World) -> None:
    world.follow(SCALING, "Moving to PostgreSQL")
    assert world.names("env", "list") == {"prod"}
    world.slipway("host", "check", "web-1")
    count = ("psql", "--tuples-only", "--no-align", "--command", "SELECT count(*) FROM fleet_host")
    told = world.machine.says("runuser", "-u", "postgres", "--", *count, "slipway")
    assert told.splitlines()[-1] == "1"


def test_of_several_processes_one_may_end_in_the_middle_of_a_rollout(world: World) -> None:
    world.follow(SCALING, "Several web processes and workers")
    world.slipway("version", "upload", "app", "/srv/services/app-3.tar.gz", "--version", "3")
    hook, go = (world.machines["app-1"].path(f"/var/tmp/{name}") for name in ("hook", "go"))
    hook.unlink()
    go.unlink()
    rollout = str(world.slipway("upgrade", "app", "3", "--env", "prod")["id"])
    world.until(hook.exists, "the hook of the new version has begun")
    for unit in ("slipway-worker@1", "slipway-worker@2", "slipway-web@8001"):
        world.machine.run("systemctl", "restart", unit)
    world.machine.run("systemctl", "stop", "slipway-worker@1", "slipway-web@8000")
    go.touch()
    proxied = ("--cacert", "/etc/ssl/slipway.crt", "https://slipway.example.com/healthz")
    world.machine.run(*HEALTHY, *proxied)
    world.machine.run("systemctl", "start", "slipway-web@8000")
    world.machine.run(*HEALTHY, "http://127.0.0.1:8000/healthz")
    world.until(
        lambda: world.slipway("rollout", "show", rollout)["state"] == "succeeded", "it succeeds"
    )
    assert hook.read_text() == "began\n"


def test_on_postgresql_it_is_set_up_backed_up_and_restored(world: World) -> None:
    world.machine.run("systemctl", "disable", "--now", *PROCESSES)
    for program in ("dropdb", "dropuser"):  # as before the first start
        world.machine.run("runuser", "-u", "postgres", "--", program, "slipway")
    world.machine.run("sed", "-i", "/SLIPWAY_DATABASE_URL/d", "/etc/slipway/slipway.env")
    world.follow(INSTALLING, "PostgreSQL")
    world.follow(INSTALLING, "The first login", only=0)
    world.slipway("env", "create", "before-the-backup")
    world.follow(BACKUP, "Backup", only=POSTGRESQL)
    world.slipway("env", "create", "after-the-backup")
    world.follow(BACKUP, "Restore", only=POSTGRESQL)
    assert world.names("env", "list") == {"before-the-backup"}


def test_removed_it_leaves_the_data(world: World) -> None:
    world.machine.run("apt-get", "purge", "-y", "slipway")
    assert world.machine.says("systemctl", "is-active", "slipway") == "inactive"
    assert not world.machine.path("/usr/lib/slipway").exists()
    assert world.machine.path("/var/lib/slipway/keys").exists()


# Another one, on the machine with the wheel.


def test_the_wheel_is_installed_from_a_package_index(world: World) -> None:
    needed = ("python3", "python3-venv", "ca-certificates", "curl", "jq")
    world.other.run("apt-get", "update")
    world.other.run("apt-get", "install", "-y", "--no-install-recommends", *needed)
    world.follow(INSTALLING, "Other systems: the wheel", on=world.other)
    world.follow(INSTALLING, "The first login", only=0, on=world.other)
    assert world.other.says("slipway", "--version") == f"slipway {OLD}"


def test_an_existing_service_comes_to_its_first_release_and_back(world: World) -> None:
    host = world.machines["app-2"]
    world.call_web_1("app-2", world.other)
    pack_first_service(world, world.written(FIRST_SERVICE))
    key, fleet, service, upload, deploy, upgrade, rollback = range(1, 8)

    def follow(block: int, **variables: str) -> str:
        heading = "From an existing service to its first release"
        return world.follow_there(FIRST_SERVICE, heading, only=block, variables=variables)

    world.let_in(follow(key), "app-2", "app-3", "app-4")
    follow(fleet)
    follow(service)
    may = ("--role", "uploader", "--service", "billing", "--expires", "1d")
    ci = {
        "SLIPWAY_URL": "http://127.0.0.1:8000",
        "SLIPWAY_TOKEN": world.slipway("token", "create", "ci", *may, on=world.other)["token"],
        "CI_COMMIT_REF_NAME": "feature/x y",
        "CI_COMMIT_SHA": "1a2b3c4d" * 5,
    }
    spare_time(world)
    follow(upload, **ci)
    follow(deploy)
    world.other.run("cp", f"{SERVICES}/next.tar.gz", f"{SERVICES}/billing.tar.gz")
    follow(upload, **ci | {"CI_COMMIT_SHA": "2b3c4d5e" * 5})
    before = host.says("readlink", PLACE)
    follow(upgrade)
    assert host.says("readlink", PLACE) != before
    follow(rollback)
    assert host.says("readlink", PLACE) == before


def test_versions_are_built_told_of_and_promoted(world: World, gitlab: GitLabStand) -> None:
    files = {"token": gitlab.token, "secret": SECRET, "build.yaml": world.written(BUILDS)}
    for name, text in files.items():
        world.other.path(f"{SERVICES}/{name}").write_text(text)

    def follow(heading: str, only: int | None = None) -> None:
        variables = {"SLIPWAY_URL": "http://127.0.0.1:8000", "SECRET": SECRET}
        world.follow_there(BUILDS, heading, only=only, variables=variables)

    follow("1. Name the build server (an admin, once)")
    follow("2. Say how a service is built", only=0)
    follow("3. Build")
    follow("4. Let the build server speak first (webhooks)")
    told = world.items("service", "deliveries", "billing", on=world.other)
    assert [delivery["ref"] for delivery in told] == ["main"]
    put_into_production(world)
    follow("6. Release by itself, promote, clean up")
    ran = {world.machines[name].says("readlink", PLACE) for name in ("app-2", "app-4")}
    assert len(ran) == 1


def test_a_ci_job_brings_a_version_through_both_environments(world: World) -> None:
    world.other.run("cp", f"{SERVICES}/last.tar.gz", f"{SERVICES}/billing.tar.gz")
    before = world.machines["app-2"].says("readlink", PLACE)
    # Of a ref that no release rule takes: it would be there first.
    variables = {"BRANCH": "release/3", "COMMIT": "3c4d5e6f" * 5}
    world.follow_there("docs/cli.md", "In a CI job", only=None, variables=variables)
    ran = {world.machines[name].says("readlink", PLACE) for name in ("app-2", "app-4")}
    assert len(ran) == 1
    assert before not in ran


def test_the_package_takes_the_place_of_a_virtual_environment(world: World) -> None:
    machine = world.other
    heading = "From an install in a virtual environment"
    printed = world.follow(UPGRADING, heading, on=machine, folder="/srv/new")
    assert "# /lib/systemd/system/slipway.service" in printed
    machine.run("rm", "-r", "/opt/slipway-venv")
    machine.run("systemctl", "restart", "slipway")
    machine.run(*HEALTHY, "http://127.0.0.1:8000/healthz")
    assert machine.says("slipway", "--version") == f"slipway {NEW}"
    assert world.names("service", "list", on=machine) == {"billing"}
    world.slipway("host", "check", "web-1", on=machine)


def test_no_block_of_the_documents_was_left_out(world: World) -> None:
    """What is not to be typed says why: documents.NOT_TYPED."""
    assert [block for block in typed_blocks() if block not in world.followed] == []


def test_the_wheel_holds_every_file_of_the_sources(world: World) -> None:
    with zipfile.ZipFile(world.machine.path(f"/srv/old/slipway-{OLD}-py3-none-any.whl")) as wheel:
        packed = set(wheel.namelist())
    sources = {
        str(path.relative_to(ROOT))
        for package in ("slipway", "slipway_cli")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert sources - packed == set()
