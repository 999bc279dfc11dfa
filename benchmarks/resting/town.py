"""A Slipway with many emulated hosts, its worker and web processes running."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

READY_WITHIN = 60.0


class Town:
    """Made on entering: a fresh installation, `hosts` times `services` instances, all processes."""

    def __init__(self, folder: Path, hosts: int, services: int, database: str) -> None:
        self._folder = folder
        self._hosts, self._services = hosts, services
        self._environment = {
            **os.environ,
            "SLIPWAY_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "slipway.project.settings",
        }
        if database:
            self._environment["SLIPWAY_DATABASE_URL"] = database
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        port, web = _free_port(), _free_port()
        try:
            self._start("hosts", "-m", "benchmarks.resting.hosts", str(port))
            stdout = self._processes["hosts"].stdout
            assert stdout is not None
            key = stdout.readline().strip()
            self._ask("furnish", str(self._hosts), str(self._services), str(port), key)
            self._start("web", "-m", "slipway.project", "web", "--port", str(web))
            self._start("worker", "-m", "slipway.project", "worker")
            _until_answered(f"http://127.0.0.1:{web}/healthz")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds of worker and web so far."""
        ticks = os.sysconf("SC_CLK_TCK")
        found = {}
        for name in ("worker", "web"):
            path = Path("/proc", str(self._processes[name].pid), "stat")
            fields = path.read_text().rpartition(")")[2].split()
            found[name] = (int(fields[11]) + int(fields[12])) / ticks
        return found

    def memory(self) -> float:
        """Return the worker's resident memory in MB."""
        path = Path("/proc", str(self._processes["worker"].pid), "status")
        line = next(one for one in path.read_text().splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def seen(self) -> tuple[int, float]:
        """Return how many hosts were seen well in the last 90 s, and the age of the oldest look."""
        count, age = self._ask("seen").split()
        return int(count), float(age)

    def _start(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if name == "hosts" else log,
                stderr=log,
                env=self._environment,
                text=True,
            )

    def _ask(self, *arguments: str) -> str:
        """Do something with the installation's rows, in a process that has its settings."""
        command = [sys.executable, "-m", "benchmarks.resting.rows", *arguments]
        done = subprocess.run(
            command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def _end(self) -> None:
        for process in reversed(self._processes.values()):
            process.terminate()
        for process in self._processes.values():
            process.wait(timeout=30)


def _until_answered(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
