"""A Slipway with many emulated hosts, its worker and web processes running."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import cpu_of, free_port, memory_of, until_answered

ENVIRONMENT = "prod"
WORKING = ("worker", "web")


class Town:
    """Made on entering: a fresh installation, `hosts` times `services` instances, all processes.
    With `running`, that version is found on the hosts as soon as they are asked."""

    def __init__(
        self, folder: Path, hosts: int, services: int, database: str, *, running: str = ""
    ) -> None:
        self._folder = folder
        self._hosts, self._services = hosts, services
        self._running = running
        self._data = folder / "data"
        self._environment = {
            **os.environ,
            "SLIPWAY_DATA": str(self._data),
            "DJANGO_SETTINGS_MODULE": "slipway.project.settings",
        }
        if database:
            self._environment["SLIPWAY_DATABASE_URL"] = database
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        port, web = free_port(), free_port()
        url = f"http://127.0.0.1:{web}"
        try:
            self._start(
                *("hosts", "-m", "benchmarks.emulated.hosts", str(port)),
                *(("--running", self._running) if self._running else ()),
            )
            stdout = self._processes["hosts"].stdout
            assert stdout is not None
            key = stdout.readline().strip()
            self._ask("furnish", str(self._hosts), str(self._services), str(port), key)
            self._start("web", "-m", "slipway.project", "web", "--port", str(web))
            self._start("worker", "-m", "slipway.project", "worker")
            until_answered(f"{url}/healthz")
        except BaseException:
            self._end()
            raise
        token = (self._data / "admin-token").read_text().strip()
        self._environment |= {"SLIPWAY_URL": url, "SLIPWAY_TOKEN": token}
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
        return {name: cpu_of(self._processes[name].pid) for name in WORKING}

    def memory(self) -> float:
        """Return the worker's resident memory in MB."""
        return memory_of(self._processes["worker"].pid) / 1024**2

    def seen(self) -> tuple[int, float]:
        """Return how many hosts were seen well in the last 90 s, and the age of the oldest look."""
        count, age = self._ask("seen").split()
        return int(count), float(age)

    def running(self, version: str) -> int:
        """Return how many instances run a version, well."""
        return int(self._ask("running", version))

    def spread(self, seconds: float) -> None:
        """Have chains end within so many seconds, from now on."""
        stdin = self._processes["hosts"].stdin
        assert stdin is not None
        print(seconds, file=stdin, flush=True)

    def say(self, *words: str) -> float:
        """Give a command of the command line; returns its CPU seconds. Raises CalledProcessError
        when it does not succeed: its words are in commands.log."""
        before = _of_children()
        with (self._folder / "commands.log").open("ab") as log:
            log.write(f"$ slipway {' '.join(words)[:200]}\n".encode())
            log.flush()
            subprocess.run(
                [sys.executable, "-m", "slipway_cli", *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )
        return _of_children() - before

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
        command = [sys.executable, "-m", "benchmarks.emulated.rows", *arguments]
        done = subprocess.run(
            command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def _end(self) -> None:
        for process in reversed(self._processes.values()):
            process.terminate()
        for process in self._processes.values():
            process.wait(timeout=30)


def _of_children() -> float:
    """Return the CPU seconds of processes of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
