"""Servers of Slipway that begin with their libraries loaded: forks of a process that read them
once. A start takes a second of CPU, nearly all of it imports, and a run of the tests has hundreds.

A fork runs the command with its own words, environment, log and process group, as `python -m
slipway.project` would, and dies like any process. That a server also starts from nothing is tried
where it is installed, and where `slipway up` starts it.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Nothing that reads an environment or settings, or begins a thread, while it is loaded.
LIBRARIES = [
    *("asyncssh", "cryptography.x509", "dbos", "dulwich.client", "httpx", "psycopg", "pydantic"),
    *(
        "django.core.handlers.asgi",
        "django.db.models",
        "django.template.base",
        "structlog",
        "uvicorn",
    ),
    *("uvicorn.protocols.http.h11_impl", "yaml", "slipway.adapters.builds.command.server"),
    *("slipway.adapters.ssh", "slipway.adapters.builds.gitlab", "slipway.adapters.builds.jenkins"),
    *sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "slipway" / "core").rglob("[!_]*.py")
    ),
]


class Preloaded:
    """A server command that runs, or what `-c` names; asked and ended as a `subprocess.Popen`."""

    stdin = stdout = None

    def __init__(self, words: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self._process = _context().Process(
            target=_serve, args=(list(words), str(log), dict(environment)), name=words[0]
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its status once it is gone. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Preloaded | subprocess.Popen[bytes]


def start(words: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
    """Start a server command. What a library is to be put before is read anew, of course."""
    if "LD_PRELOAD" not in environment:
        return Preloaded(words, log, environment)
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "slipway.project", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=dict(environment),
            process_group=0,
        )


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def _serve(words: list[str], log: str, environment: dict[str, str]) -> None:
    os.setpgid(0, 0)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number in (1, 2):
        os.dup2(descriptor, number)
    os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["slipway", *words]
    if words[0] == "-c":
        exec(words[1], {"__name__": "__main__"})
        return
    from slipway.project.commands import main  # noqa: PLC0415 - it reads the environment

    sys.exit(main(words))
