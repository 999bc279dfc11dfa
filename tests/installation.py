"""A Slipway of the tests' own: `slipway up` as a real process, and its CLI as people use it."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.first_start import make_migrated, put_database
from tests.kept_texts import kept_without_a_code
from tests.ports import free_port
from tests.postgresql import make_database

START_TIME = 240.0  # seconds; the first start migrates, beside whatever else this machine does
ROLLOUT_TIME = 300.0


class NotStarted(Exception):
    """`slipway up` did not get to answering; its log says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command of the CLI said, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Installation:
    """One installation: a folder, a port, a database of the kind that this run of tests is on.

    Its tables are there already, unless it is the `first_start` that a test looks at.
    """

    def __init__(
        self, folder: Path, *, address: str = "127.0.0.1", first_start: bool = False
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.url = f"http://{address}:{free_port(address)}"
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = dict(os.environ) | {
            "SLIPWAY_DATA": str(self.data),
            "SLIPWAY_URL": self.url,
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        if server := os.environ.get("SLIPWAY_DATABASE_URL"):
            own = f"installation_{secrets.token_hex(6)}"
            make = make_database if first_start else make_migrated
            self._environment["SLIPWAY_DATABASE_URL"] = make(server, own)
        elif not first_start:
            put_database(self.data)

    def start(self) -> None:
        """Start `slipway up` and wait until it answers. Raises NotStarted."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "slipway_cli", "up"),
                    *("--data", str(self.data), "--host", host, "--port", port),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIME
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(self.log())
            time.sleep(0.1)
        self._environment["SLIPWAY_TOKEN"] = (self.data / "admin-token").read_text().strip()

    def stop(self) -> None:
        """End it as its administrator would, and see that no row keeps a sentence without code."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)
            self._process = None
            database = self.data / "slipway.sqlite3"
            assert not database.exists() or kept_without_a_code(database) == []

    def kill(self) -> list[int]:
        """Have `slipway up` end as the kernel ends what takes too much memory; returns the
        processes that it had started."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        self._process.kill()
        self._process.wait(timeout=60)
        self._process = None
        return [int(child) for child in children.split()]

    @property
    def pid(self) -> int:
        """Of `slipway up`, which has started the others."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-20_000:]

    def cli(self, *words: str, timeout: float = ROLLOUT_TIME) -> Answer:
        """Run `slipway WORDS…`. Raises subprocess.TimeoutExpired."""
        done = subprocess.run(
            [sys.executable, "-m", "slipway_cli", *words],
            env=self._environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str) -> Any:
        """Run a command that must succeed and return its one JSON document."""
        answer = self.cli(*words, "-o", "json")
        assert answer.exit_code == 0, f"slipway {' '.join(words)}\n{answer}\n{self.log()[-2000:]}"
        return answer.json

    def items(self, *words: str) -> list[Any]:
        """Run a command that lists things and return them."""
        document = self.ask(*words)
        return list(document["items"] if isinstance(document, dict) else document)

    def get(self, path: str) -> Any:
        """Ask the API for what no command shows."""
        token = self._environment["SLIPWAY_TOKEN"]
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
