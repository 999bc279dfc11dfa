"""What an action costs: seconds on the wall, seconds of the controller's CPU, bytes on the wire."""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MARK = "SLIPWAY_BENCHMARK_SIDE=controller"
_TICKS = os.sysconf("SC_CLK_TCK")
_INTERFACES = Path("/proc/net/dev")  # of our own network namespace; /sys may show another's


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu` of everything on the controller's side and `hosts_cpu` of all else that we can see, in
    seconds; `moved` over loopback, in bytes, in both directions and with all headers."""

    seconds: float
    cpu: float
    hosts_cpu: float
    moved: int


def controller_environment(**more: str) -> dict[str, str]:
    """The environment of a contender's programs: what is started with it is counted. An sshd gives
    its sessions a fresh one, so what runs on the hosts is not."""
    name, _, value = MARK.partition("=")
    return {**os.environ, name: value, **more}


def measure(act: Callable[[], None], *, also: str = "") -> Cost:
    """Do it once. `also` is a text in the command line of processes that are counted as well: ssh
    overwrites its environment when it goes into the background."""
    (ours, all_), moved, began = _cpu(also), _received(), time.monotonic()
    act()
    seconds, (ours_then, all_then) = time.monotonic() - began, _cpu(also)
    cpu = ours_then - ours
    return Cost(seconds, cpu, all_then - all_ - cpu, _received() - moved)


def _received() -> int:
    """Every byte on loopback is received once, whatever its direction."""
    for line in _INTERFACES.read_text().splitlines():
        name, _, counters = line.partition(":")
        if name.strip() == "lo":
            return int(counters.split()[0])
    raise LookupError("no loopback interface")


def _cpu(also: str) -> tuple[float, float]:
    """Of the controller's side (children of ours that ended, marked processes that live), and of
    all processes; each with its children that ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = [(_ticks(process), _is_ours(process, also)) for process in _processes()]
    living = sum(count for count, is_ours in ticks if is_ours)
    everything = sum(count for count, _ in ticks)
    return ended.ru_utime + ended.ru_stime + living / _TICKS, everything / _TICKS


def _processes() -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdigit()]


def _is_ours(process: Path, also: str) -> bool:
    try:
        if MARK.encode() in (process / "environ").read_bytes().split(b"\0"):
            return True
        return bool(also) and also.encode() in (process / "cmdline").read_bytes()
    except OSError:  # it has ended, or belongs to somebody else
        return False


def _ticks(process: Path) -> int:
    """User and system time of a process and of its children that ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(ticks) for ticks in fields[11:15])
