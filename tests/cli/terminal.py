"""A command at a real terminal: a pseudo-terminal, with its size, and what stands on it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROGRAM = "import sys; from slipway_cli.main import main; sys.exit(main(sys.argv[1:]))"
PATIENCE = 30.0


def at_terminal(*words: str, columns: int = 100, **environment: str) -> tuple[int, str]:
    """Run a command whose three streams are a terminal; return its exit code and what it wrote."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "NO_COLOR", "TERM")
    }
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**kept, "TERM": "xterm", "LANG": "C.UTF-8", **environment},
    )
    os.close(theirs)
    try:
        written = _read_all(ours)
        code = process.wait(PATIENCE)
    finally:
        process.kill()
        os.close(ours)
    return code, written.decode().replace("\r\n", "\n")


def _read_all(ours: int) -> bytes:
    written, until = b"", time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # whoever wrote there has gone
            break
        if not part:
            break
        written += part
    return written
