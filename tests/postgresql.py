"""A PostgreSQL of the tests' own: made in a temporary folder, thrown away at the end.

`python -m tests.postgresql COMMAND …` runs a command with SLIPWAY_DATABASE_URL pointing at one.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg
from psycopg import sql

from tests.ports import free_port

START_TIME = 60.0  # seconds; also covers crash recovery
USER = "slipway"


class PostgresqlMissing(Exception):
    """No PostgreSQL server is installed here."""


def find_programs() -> Path:
    """Return the folder of `initdb` and `postgres`. Raises PostgresqlMissing."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    found = [*debian, *([Path(on_path)] if on_path else [])]
    if not found:
        raise PostgresqlMissing("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


class PostgresqlCluster:
    """One server process, its data and its databases; it can be killed and started again."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment: dict[str, str] = {}  # of the server, beside ours
        self._programs = programs
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = USER) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._password)
        if owner := _owner():
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            os.chown(password_file, owner.pw_uid, owner.pw_gid)
        self._run(
            *("initdb", "--pgdata", str(self._data), "--username", USER, "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--auth", "scram-sha-256", "--pwfile", str(password_file)),
            *("--no-sync", "--no-instructions"),
        )

    def start(self) -> None:
        """Start and wait until it answers. Raises TimeoutError with its log."""
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                # After kill -9 the old backends hold the shared memory for a moment.
                self._process = self._spawn()
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(f"PostgreSQL did not start:\n{self._log.read_text()[-4000:]}")

    def make_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        make_database(self.url("postgres"), name)
        return self.url(name)

    def stop(self) -> None:
        """End all sessions, write everything, leave."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """What a power cut leaves behind: kill -9 of the server process."""
        self._end(signal.SIGKILL)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            # A killed process loses nothing without it; only a machine that loses power would.
            "fsync": "off",
        }
        options = [word for item in settings.items() for word in ("-c", "=".join(item))]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                # Its own: what is set before rights are dropped would belong to root.
                _as_owner(
                    *("env", *(f"{name}={value}" for name, value in self.environment.items())),
                    *(str(self._programs / "postgres"), "-D", str(self._data), *options),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server at the end
            )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            _as_owner(str(self._programs / program), *arguments),
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")


@contextmanager
def postgresql_cluster() -> Iterator[PostgresqlCluster]:
    """Yield a started cluster with an empty database `slipway`. Raises PostgresqlMissing."""
    programs = find_programs()
    with tempfile.TemporaryDirectory(prefix="slipway-postgresql-") as folder:
        cluster = PostgresqlCluster(Path(folder), programs)
        cluster.initialise()
        try:
            cluster.start()
            cluster.make_database(USER)
            yield cluster
        finally:
            cluster.stop()


def make_database(url: str, name: str, template: str = "template1") -> str:
    """Create a database on the server of `url`, empty or as a template there; returns its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    return f"{url.rpartition('/')[0]}/{name}"


def _owner() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as, or None to stay who we are."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


def _as_owner(*argv: str) -> list[str]:
    owner = _owner()
    if owner is None:
        return list(argv)
    return [
        *("setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"),
        *("--", *argv),
    ]


def _leave(signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def main(command: Sequence[str]) -> int:
    """Run the command on a cluster of its own; its exit status is ours."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        with postgresql_cluster() as cluster:
            environment = os.environ | {"SLIPWAY_DATABASE_URL": cluster.url()}
            running = subprocess.Popen(command, env=environment)
            try:
                return _until_it_ends(running)
            finally:
                # Reached with the command still running when we were told to leave.
                running.terminate()
                running.wait(timeout=30)
    except PostgresqlMissing as error:
        print(error, file=sys.stderr)
        return 2


def _until_it_ends(running: subprocess.Popen[bytes]) -> int:
    try:
        return running.wait()
    except KeyboardInterrupt:
        # It was told as well, and says what it knows before it leaves.
        running.wait(timeout=45)
        raise


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
