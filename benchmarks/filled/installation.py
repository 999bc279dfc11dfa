"""A filled installation, and its web process as `slipway up` starts it."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.filled.size import Size
from benchmarks.processes import cpu_of, free_port, memory_of, until_answered


class Installation:
    """Made on entering: filled, and its web process started; ended on leaving."""

    def __init__(self, folder: Path, size: Size, database: str) -> None:
        self._folder = folder
        self._size = size
        self._environment = {
            **os.environ,
            "SLIPWAY_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "slipway.project.settings",
        }
        if database:
            self._environment["SLIPWAY_DATABASE_URL"] = database
        self._web: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.filled: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.filled = json.loads(self.ask("fill", json.dumps(asdict(self._size)))[0])
        with (self._folder / "web.log").open("ab") as log:
            self._web = subprocess.Popen(
                [sys.executable, "-m", "slipway.project", "web", "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        try:
            until_answered(f"http://127.0.0.1:{self.port}/healthz")
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

    def ask(self, *arguments: str) -> list[str]:
        """Return the lines that a process says which has the installation's settings."""
        command = [sys.executable, "-m", "benchmarks.filled.rows", *arguments]
        done = subprocess.run(
            command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.splitlines()

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a module of ours beside it, with the installation's settings."""
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def cpu(self) -> float:
        """The CPU seconds of the web process so far."""
        return cpu_of(self._pid)

    @property
    def memory(self) -> float:
        """The resident memory of the web process, in bytes."""
        return memory_of(self._pid)

    @property
    def _pid(self) -> int:
        assert self._web is not None, "it was entered"
        return self._web.pid

    def _end(self) -> None:
        if self._web is not None:
            self._web.terminate()
            self._web.wait(timeout=30)
