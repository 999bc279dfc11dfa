"""A key file that is lost, or that is another's, stops the start and says what to do."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from pytest_django import Settings

from slipway.project.installation import key_file, preparation
from slipway.project.installation.own_files import keys_in
from slipway.records.accounts.key_probe import keep_probe
from slipway.records.accounts.models import KeyProbe
from slipway.records.rows.secrets.encrypted import cipher
from slipway.records.rows.secrets.kept_secrets import list_kept_secrets
from tests.postgresql import make_database
from tests.security.secrets_of_a_company import SECRETS, make_secrets, make_tables, read_secrets
from tests.security.servers import Server

UNUSABLE = {"empty": b"", "none": b"no key at all\n", "bytes": b"\xff\x00\x80"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Server:
    url = os.environ.get("SLIPWAY_DATABASE_URL", "")
    own = make_database(url, f"keys_{secrets.token_hex(6)}") if url else ""
    server = Server(tmp_path_factory.mktemp("kept") / "data", own)
    make_secrets(server)
    return server


@pytest.fixture
def server(kept: Server) -> Iterator[Server]:
    """Its key file may be spoilt: it is put back."""
    keys = (kept.data / "keys").read_bytes()
    yield kept
    (kept.data / "keys").write_bytes(keys)


def spoil(server: Server, how: str) -> None:
    path = server.data / "keys"
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes({**UNUSABLE, "other": a_key().encode()}[how])


def a_key() -> str:
    return Fernet.generate_key().decode()


@pytest.mark.parametrize("how", ["gone", "empty", "none", "bytes", "other"])
def test_nothing_starts_without_the_keys_of_the_database(server: Server, how: str) -> None:
    spoil(server, how)
    command = {"gone": "up", "empty": "web", "none": "worker", "other": "migrate", "bytes": "web"}[
        how
    ]
    done = server.run(command)
    assert done.returncode == 2
    assert "slipway forget-secrets" in done.stderr
    assert "Traceback" not in done.stderr
    assert (server.data / "keys").exists() == (how != "gone")  # never made anew over what is kept


def test_put_back_all_is_as_it_was(server: Server) -> None:
    keys = (server.data / "keys").read_text()
    spoil(server, "other")
    assert read_secrets(server) == ("", "", "", "")
    (server.data / "keys").write_text(keys)
    assert server.run("migrate").returncode == 0
    assert read_secrets(server) == SECRETS


def test_a_second_machine_with_keys_of_its_own_does_not_start(
    tmp_path: Path, server: Server
) -> None:
    """Nothing but the probe is encrypted yet."""
    url = server.environment["SLIPWAY_DATABASE_URL"]
    first = Server(
        tmp_path / "data", make_database(url, f"keys_{secrets.token_hex(6)}") if url else ""
    )
    make_tables(first)
    (first.data / "keys").write_text(a_key())
    done = first.run("worker")
    assert (done.returncode, "probe of the key file" in done.stderr) == (2, True)


@pytest.mark.parametrize("how", UNUSABLE)
@pytest.mark.django_db
def test_a_key_file_that_cannot_be_used_is_put_aside_and_gone_on(
    how: str, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    (tmp_path / "keys").write_bytes(UNUSABLE[how])
    key_file.forget()
    aside = [path.read_bytes() for path in tmp_path.glob("keys.unusable-*")]
    assert aside == [UNUSABLE[how]]
    cipher()
    key_file.settle()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("user", "told"), [(65, "`runuser -u user-65 -- slipway"), (0, "`slipway"), (1000, "`slipway")]
)
def test_the_remedy_is_a_command_that_reaches_this_installation(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path, user: int, told: str
) -> None:
    settings.DATA = tmp_path
    (tmp_path / "keys").touch()
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(key_file, "user_name", lambda number: f"user-{number}")
    with pytest.raises(key_file.WrongKeys) as refused:
        key_file.settle()
    assert f"{told} forget-secrets --data {tmp_path}`" in str(refused.value)


def test_where_nothing_is_nothing_is_forgotten(tmp_path: Path) -> None:
    done = Server(tmp_path / "data").run("forget-secrets")
    assert done.returncode == 2
    assert "--data" in done.stderr
    assert not (tmp_path / "data" / "keys").exists()


@pytest.mark.django_db
def test_keys_beside_a_spoilt_line_are_kept_and_nothing_they_read_is_lost(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA, good = tmp_path, settings.SLIPWAY_KEYS[0]
    keep_probe()
    probe = KeyProbe.objects.get().text
    (tmp_path / "keys").write_text(f"half a li\n{good}\n")
    assert key_file.forget() == []
    assert keys_in(tmp_path / "keys") == [good]
    assert KeyProbe.objects.get().text == probe


@pytest.mark.django_db
def test_of_two_first_starts_with_keys_of_their_own_the_slower_one_is_told(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    """The other one keeps its probe after this one has seen that there is nothing yet."""
    settings.DATA = tmp_path

    def keep_after_the_other() -> None:
        ours, settings.SLIPWAY_KEYS = settings.SLIPWAY_KEYS, [a_key()]
        KeyProbe.objects.create(pk=1, text="of the other")
        settings.SLIPWAY_KEYS = ours
        keep_probe()

    monkeypatch.setattr(key_file, "keep_probe", keep_after_the_other)
    with pytest.raises(key_file.WrongKeys, match="probe of the key file"):
        key_file.settle()


@pytest.mark.django_db
def test_no_table_is_changed_before_the_keys_are_those_of_the_database(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    keep_probe()
    called: list[str] = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **_: called.append(name))
    settings.DATA = tmp_path
    (tmp_path / "keys").write_text(a_key())
    with pytest.raises(key_file.WrongKeys, match="probe of the key file"):
        preparation.migrate()
    assert called == []


@pytest.mark.django_db
def test_a_table_of_an_older_release_without_the_column_keeps_no_secret() -> None:
    keep_probe()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_keyprobe DROP COLUMN text")
    assert [each for each in list_kept_secrets() if isinstance(each.row, KeyProbe)] == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_database_that_is_away_concludes_nothing_about_keys(
    is_there: bool, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    def is_away() -> None:
        raise OperationalError("connection refused")

    settings.DATA = tmp_path
    monkeypatch.setattr(key_file, "list_kept_secrets", is_away)
    if is_there:
        (tmp_path / "keys").write_text(a_key())
    with (
        nullcontext() if is_there else pytest.raises(key_file.WrongKeys, match="Start the database")
    ):
        key_file.settle()
    assert (tmp_path / "keys").exists() == is_there


def test_a_mistake_of_ours_is_not_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    def wrong() -> None:
        cause = sqlite3.OperationalError("no such column")
        cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
        raise OperationalError(str(cause)) from cause

    settings.DATA = tmp_path
    (tmp_path / "keys").write_text(a_key())
    monkeypatch.setattr(key_file, "list_kept_secrets", wrong)
    with pytest.raises(OperationalError, match="no such column"):
        key_file.settle()


def test_lost_for_good_what_cannot_be_read_is_named_and_given_again(
    kept: Server, tmp_path: Path
) -> None:
    if kept.environment["SLIPWAY_DATABASE_URL"]:
        lost = kept  # the last of its tests
    else:
        lost = Server(tmp_path / "data")
        lost.data.mkdir(mode=0o700)
        with (
            sqlite3.connect(kept.data / "slipway.sqlite3") as old,
            sqlite3.connect(lost.data / "slipway.sqlite3") as new,
        ):
            old.backup(new)
    (lost.data / "keys").unlink(missing_ok=True)
    done = lost.run("forget-secrets")
    assert done.returncode == 0, done.stderr
    named = [line for line in done.stderr.splitlines() if line.startswith("Forgotten")]
    assert len(named) == len(SECRETS)  # and not the service that has none
    assert read_secrets(lost) == ("", "", "", "")
    assert lost.run("migrate").returncode == 0
    assert (
        lost.script(
            "from slipway.records.audit.models import Event\n"
            "print(Event.objects.filter(verb='secrets.forgotten').count())"
        )
        == "1\n"
    )
