"""What the demo runs on: Slipway itself and three hosts, all on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from slipway.adapters.builds.command.enclosure.isolation import Isolation

READY_WITHIN = 180.0  # seconds: a first start makes all tables
SERVICE = "shop"
END_WITHIN = 15.0


class StageFailed(Exception):
    """The demo could not be set up; says why and where to look."""


@dataclass(slots=True)
class DemoStage:
    """Starts the processes, and ends them all when it is left."""

    folder: Path
    port: int = 0
    hosts: list[dict[str, Any]] = field(default_factory=list)
    key_file: str = ""
    why_not_isolated: str = ""
    _builds: str = ""
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        self.why_not_isolated = str(Isolation().why_not())
        # Builds run as users of their own where we are root: they must be able to get there.
        self._builds = tempfile.mkdtemp(prefix="slipway-demo-builds-")
        Path(self._builds).chmod(0o711)
        try:
            self._start_hosts()
            self._start_slipway()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self._builds, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.folder / "data" / "admin-token").read_text().strip()

    @property
    def login(self) -> str:
        """The first login, as `slipway up` has left it."""
        return f"admin / {(self.folder / 'data' / 'admin-password').read_text().strip()}"

    def slipway(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line client, as a person would."""
        environment = {**os.environ, "SLIPWAY_URL": self.url, "SLIPWAY_TOKEN": self.token}
        command = [sys.executable, "-m", "slipway_cli", *words]
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    # --- processes ---------------------------------------------------------------------------

    def _start_hosts(self) -> None:
        module = "slipway_demo.hosts"
        process = self._start(
            [
                *(sys.executable, "-m", module, "--folder", str(self.folder / "hosts")),
                *("--count", "3", "--names", "web", "--own-addresses"),
            ],
            "hosts.log",
            talks=True,
        )
        assert process.stdout is not None
        told = json.loads(process.stdout.readline() or b"{}")
        if not told:
            raise StageFailed(f"the hosts did not start: see {self.folder / 'hosts.log'}")
        self.hosts, self.key_file = told["hosts"], told["private_key_file"]

    def _start_slipway(self) -> None:
        data = str(self.folder / "data")
        command = [sys.executable, "-m", "slipway.project", "up", "--data", data]
        process = self._start([*command, "--port", str(self.port)], "slipway.log")
        until = time.monotonic() + READY_WITHIN
        while not self._answers():
            if process.poll() is not None or time.monotonic() > until:
                raise StageFailed(f"Slipway did not start: see {self.folder / 'slipway.log'}")
            time.sleep(0.1)

    def _of_builds(self) -> dict[str, str]:
        settings = {"SLIPWAY_BUILDS": self._builds}
        if self.why_not_isolated:  # what the demo builds is its own
            settings["SLIPWAY_UNISOLATED_BUILDS"] = SERVICE
        return settings

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _start(
        self, command: list[str], log: str, *, talks: bool = False
    ) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else file,
                stderr=file,
                env={**os.environ, **self._of_builds()},
                process_group=0,  # Ctrl-C is for us: we end them in order
            )
        self._processes.append(process)
        return process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
