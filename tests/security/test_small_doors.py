"""Small doors that stood ajar: what strangers and people with a narrow role are shown, and what is
left lying about."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from django.test import Client
from uvicorn.protocols.http.h11_impl import H11Protocol

from slipway.interfaces import doors
from slipway.project.environment import OUR_FILES, CannotStart, Surroundings
from slipway.project.installation.preparation import TOKEN_LASTS
from slipway.project.limits import memory, patience
from slipway.project.processes import web
from tests.fakes.packages import MemoryPackages
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person
from tests.interfaces.server import asking
from tests.security.conftest import AS_ROOT
from tests.security.servers import Server

ROOT = Path(__file__).parents[2]
NOBODY = 65534
PAGES = ("/hosts", "/rollouts", "/services", "/me", "/audit")


@pytest.fixture
def company(db: None, tmp_path: Path) -> None:
    doors.open(packages=MemoryPackages(tmp_path))
    make_company()


@pytest.mark.parametrize("path", PAGES)
def test_environments_that_one_may_not_see_are_not_named(company: None, path: str) -> None:
    narrow, nobody = person("dan", ("viewer", "", "dev")), person("nobody")
    for who in (narrow, nobody):
        browser = Client()
        browser.force_login(who.user)
        answer = browser.get(path)
        assert answer.status_code in (200, 403)
        assert ">prod<" not in answer.content.decode()


def test_figures_of_everything_are_for_who_may_look_at_everything(company: None) -> None:
    root = person("root", is_superuser=True)
    narrow = person("dora", ("viewer", "billing", ""))
    everything = person("vera", ("viewer", "", ""))
    asked = {
        who.user.username: Client().get("/metrics", headers=who.headers).status_code
        for who in (narrow, everything, root, person("nobody"))
    }
    assert asked == {"dora": 403, "vera": 200, "root": 200, "nobody": 403}


@pytest.mark.parametrize("path", ["/static/../x", "/static/../../x", "/static//etc/passwd"])
async def test_a_path_out_of_the_static_files_is_not_there(
    transactional_db: None, path: str
) -> None:
    async with asking("GET", path, {}) as answer:
        await answer.body()
        assert answer.status in (302, 404)


@pytest.mark.parametrize(
    "sent", [b"", b"GET /healthz HT", b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"]
)
async def test_what_stays_half_said_is_closed(sent: bytes) -> None:
    class Hasty(patience.PatientProtocol):
        head_within = silent_body = 0.1

    async def reads_all(scope: object, receive: object, send: object) -> None:
        while (await receive()).get("more_body"):  # type: ignore[operator]
            pass

    loop = asyncio.get_running_loop()
    config = uvicorn.Config(reads_all, http=Hasty, lifespan="off")
    config.load()
    state = uvicorn.server.ServerState()
    server = await loop.create_server(
        lambda: Hasty(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(sent)
    async with asyncio.timeout(60):
        await reader.read()
    writer.close()
    server.close()


def test_a_data_folder_that_is_there_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("SLIPWAY_DATA", str(tmp_path))
    Surroundings.read().prepare()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@pytest.mark.parametrize("ours", OUR_FILES)
def test_an_open_data_folder_that_is_ours_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: str
) -> None:
    (tmp_path / ours).touch()
    tmp_path.chmod(0o755)
    monkeypatch.setenv("SLIPWAY_DATA", str(tmp_path))
    Surroundings.read().prepare()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("mode", "there"),
    [(0o755, "notes.txt"), (0o750, "notes.txt"), (0o1777, "keys"), (0o1777, "")],
)
def test_an_open_folder_of_somebody_else_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, there: str
) -> None:
    if there:
        (tmp_path / there).touch()
    tmp_path.chmod(mode)
    monkeypatch.setenv("SLIPWAY_DATA", str(tmp_path))
    with pytest.raises(CannotStart, match="not ours to close"):
        Surroundings.read().prepare()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode


def test_a_command_on_somebody_elses_folder_says_so_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    tmp_path.chmod(0o755)
    done = Server(tmp_path).run("migrate")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "--data" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@AS_ROOT
@pytest.mark.parametrize("command", ["migrate", "move", "forget-secrets", "up", "worker"])
def test_nobody_works_in_the_data_folder_of_another_user(tmp_path: Path, command: str) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    tmp_path.chmod(0o700)
    done = Server(tmp_path).run(command)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "runuser -u nobody -- slipway" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_first_token_lasts_a_month_at_most() -> None:
    assert TOKEN_LASTS.days <= 31


def test_the_bill_of_materials_has_every_package_of_the_lock_file() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "sbom")], capture_output=True, check=True, timeout=60
    )
    bill = json.loads(done.stdout)
    lock = (ROOT / "requirements.lock").read_text()
    named = {(part["name"], part["version"]) for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert len(named) == len(bill["components"]) == lock.count("==")
    assert all(part["externalReferences"] for part in bill["components"])
    assert ("django", "5.2") in {(name, version[:3]) for name, version in named}


@pytest.mark.parametrize(("named", "believed"), [(None, False), ("127.0.0.1", True)])
async def test_where_somebody_comes_from_is_said_only_by_a_proxy_that_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str | None, believed: bool
) -> None:
    """Any process of the machine could be whoever it likes, and so past what slows a guesser."""
    monkeypatch.setenv("SLIPWAY_ALLOWED_HOSTS", "")
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    if named:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", named)
    config = _config_of_web(monkeypatch, tmp_path)
    heard: list[Any] = []

    async def listens(scope: Any, _receive: object, _send: object) -> None:
        heard.append((scope["client"][0], scope["scheme"]))

    config.app, config.loaded = listens, False
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": ("127.0.0.1", 5), "scheme": "http", "headers": headers}
    await config.loaded_app(scope, None, None)
    assert heard == [("203.0.113.9", "https") if believed else ("127.0.0.1", "http")]


def test_what_else_is_installed_takes_no_door_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A faster loop and a faster reader of HTTP: ours rely on what these have not."""
    for name in ("uvloop", "httptools"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    config = _config_of_web(monkeypatch, tmp_path)
    made: Any = config.get_loop_factory()
    assert issubclass(made, asyncio.BaseEventLoop)
    assert config.http_protocol_class is patience.PatientProtocol
    assert issubclass(patience.PatientProtocol, H11Protocol)


def _config_of_web(monkeypatch: pytest.MonkeyPatch, folder: Path) -> uvicorn.Config:
    """Return how the web process would be served, and serve nothing."""
    made: list[uvicorn.Config] = []

    class Unstarted:
        started = True

        def __init__(self, config: uvicorn.Config) -> None:
            made.append(config)

        def run(self) -> None:
            """Serve nobody."""

    monkeypatch.setattr(uvicorn, "Server", Unstarted)
    monkeypatch.setattr(web, "_prepare", lambda: None)
    monkeypatch.setattr(web, "_incoming", lambda: folder)
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("give_back", "settle"):
        monkeypatch.setattr(memory, name, lambda: None)
    assert web.run(host="127.0.0.1", port=0) == 0
    return made[0]


def test_what_it_is_under_and_where_faults_are_told_is_said_and_goes_along() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "report" in (ROOT / "SECURITY.md").read_text().lower()
