"""What is asked of processes that are measured: CPU, memory, and whether they answer."""

import os
import socket
import time
import urllib.request
from pathlib import Path

READY_WITHIN = 60.0


def cpu_of(process: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> int:
    """Return the resident memory of a process, in bytes."""
    lines = Path("/proc", str(process), "status").read_text().splitlines()
    line = next(each for each in lines if each.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def until_answered(url: str) -> None:
    """Wait for a server. Raises OSError when it never answers."""
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
