"""`slipway up`: prepares, then keeps a web process and a worker running on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TextIO

from django.conf import settings

from slipway.project.installation.preparation import FirstAdmin, make_first_admin, migrate
from slipway.project.limits import files, memory
from slipway.project.processes.web import in_url

START_AGAIN_AFTER = 0.5  # seconds; doubled at each early death, up to the longest
LONGEST_PAUSE = 30.0
LIVED_LONG = 20.0
END_WITHIN = 12.0


@dataclass(slots=True)
class ChildProcess:
    """A process that is started again when it ends, more slowly when it keeps ending."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    pause: float = START_AGAIN_AFTER
    started_at: float = field(default=0.0)
    due_at: float = field(default=0.0)

    def start(self) -> None:
        command = [sys.executable, "-m", "slipway.project", self.name, *self.arguments]
        command += ["--parent", str(os.getpid())]  # killed, we could not end it
        # A group of its own: Ctrl-C reaches us alone, and we end the children in order.
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, process_group=0, env=os.environ.copy()
        )
        self.started_at = time.monotonic()

    def look(self) -> None:
        """Start it again when it has ended and the time has come."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            lived = now - self.started_at
            self.pause = (
                START_AGAIN_AFTER if lived > LIVED_LONG else min(self.pause * 2, LONGEST_PAUSE)
            )
            _say(f"{self.name} ended ({self.process.returncode}); again in {self.pause:g} s")
            self.process, self.due_at = None, now + self.pause
        if self.process is None and now >= self.due_at:
            self.start()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(*, host: str, port: int) -> int:
    """Prepare and run until SIGTERM or SIGINT; returns the exit status."""
    files.raise_limit()  # our children have it from us
    migrate()
    first = make_first_admin(settings.DATA)
    memory.settle()
    children = [
        ChildProcess("worker", ()),
        ChildProcess("web", ("--host", host, "--port", str(port))),
    ]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for child in children:
        child.start()
    _greet(f"http://{in_url(host)}:{port}", first)
    while not stop.wait(0.2):
        for child in children:
            child.look()
    for child in children:
        child.end()
    deadline = time.monotonic() + END_WITHIN
    for child in children:
        child.await_end(deadline)
    return 0


def _greet(address: str, first: FirstAdmin | None) -> None:
    _say(f"Slipway is at {address}")
    _say(f"data: {settings.DATA}")
    if first is not None:
        tell(first, sys.stderr)


def tell(first: FirstAdmin, stream: TextIO) -> None:
    """Show the first password to who sits here; what is no terminal keeps what it is told."""
    lines = [f"token for the command line: {first.token_file}"]
    if stream.isatty():
        password = first.password_file.read_text().strip()
        lines.insert(0, f"first login, shown only now: {first.username} / {password}")
        first.password_file.unlink()
    else:
        where = f"read its password in {first.password_file}, and remove that"
        lines.insert(0, f"first login: {first.username}; {where}")
    print(*lines, sep="\n", file=stream, flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
