"""A package's scripts, started by hands.py and bounded in time and output."""

import os
import signal
import subprocess
from contextlib import suppress

PIECE = 65536  # bytes that are read at once
KEPT = 1 << 20  # bytes of output in one file; there are three of them
WHOLE_PIPE = 1 << 20  # bytes: the most that a pipe holds, unless root wants more
MERCY = 10.0  # seconds from TERM to KILL
TOOK_TOO_LONG = 124  # exit status, as of timeout(1)


class Output:
    """What a script prints: the last pieces of it are kept, and nobody is kept waiting."""

    def __init__(self, pipe: int, path: bytes) -> None:
        os.set_blocking(pipe, False)
        self.pipe = pipe
        self.path = path
        self.log = -1
        self.kept = 0
        self.is_lost = False
        self.is_over = False

    def take(self) -> int:
        """Keep what is there now; return how many bytes that were."""
        try:
            piece = os.read(self.pipe, PIECE)
        except BlockingIOError:
            return 0
        self.is_over = not piece
        try:
            self.keep(piece)
        except OSError:  # a full disk stops no script
            self.is_lost = True
        return len(piece)

    def drain(self) -> None:
        """Keep all that was printed up to now. Of what comes later, nothing is."""
        before, taken = WHOLE_PIPE, 1
        while taken and before > 0:
            taken = self.take()
            before -= taken
        self.close()

    def keep(self, piece: bytes) -> None:
        if self.is_lost or not piece:
            return
        if self.kept >= KEPT:
            if os.path.exists(self.path + b".1"):
                os.replace(self.path + b".1", self.path + b".2")
            os.replace(self.path, self.path + b".1")
            self.close()
        if self.log < 0:
            self.log = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        while piece:
            written = os.write(self.log, piece)
            self.kept += written
            piece = piece[written:]

    def close(self) -> None:
        if self.log >= 0:
            os.close(self.log)
        self.log, self.kept = -1, 0


class Body:
    """A script that was started. `asked` is the number of whoever waits for its end."""

    def __init__(self, child: "subprocess.Popen[bytes]", pipe: int, end: float) -> None:
        self.child = child
        self.pipe = pipe
        self.end = end
        self.asked = b""
        self.kill_at = 0.0
        self.is_late = False

    def hurry(self, now: float) -> None:
        """End it when its time is over; with force when it does not."""
        if self.kill_at:
            if now >= self.kill_at:
                self.signal(signal.SIGKILL)
            return
        self.is_late = now >= self.end
        if self.is_late:
            self.kill_at = now + MERCY
            self.signal(signal.SIGTERM)
            self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        with suppress(OSError):
            os.killpg(self.child.pid, number)

    def code(self) -> int:
        """Return how it ended, as a shell says it."""
        status = self.child.returncode
        if self.is_late and status != -signal.SIGKILL:
            return TOOK_TOO_LONG
        return status if status >= 0 else 128 - status


def begin(
    words: "list[bytes]", folder: bytes, environment: "dict[bytes, bytes]"
) -> "tuple[subprocess.Popen[bytes], int]":
    """Return the script, which leads a group of its own, and the pipe that it prints into."""
    reading, writing = os.pipe()
    try:
        child = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return child, reading


def wake_at_ends() -> int:
    """Return a pipe that can be read when a child has ended."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return reading


def decoded(value: bytes) -> bytes:
    """Return a value as it was before it was put on a line."""
    parts = value.split(b"\\\\")
    return b"\\".join(part.replace(b"\\n", b"\n") for part in parts)


def tell(line: bytes) -> None:
    """Answer; whoever has asked may be gone, and what runs goes on."""
    with suppress(OSError):
        os.write(1, line)


def discard(pipe: int) -> None:
    while os.read(pipe, PIECE):
        pass


def leave(pipes: "list[int]") -> None:
    """Whoever still holds a pipe is read by something smaller."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for pipe in pipes:
        os.set_blocking(pipe, True)
        if os.fork() == 0:
            os.dup2(pipe, 0)
            os.execvp("cat", ["cat"])
    os._exit(0)
