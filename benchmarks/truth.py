"""Looks at the hosts themselves: what is linked, what runs, what answers."""

import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.package import SERVICE_PORT, Package

ANSWER_WITHIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Expected:
    """On the host at `address`, `current` should lead to `package`, and that should run."""

    address: str
    current: Path
    package: Package


class NotTrue(Exception):
    """A contender said that it was done, and it was not."""


def check(expected: Iterable[Expected]) -> None:
    """Raises NotTrue for the first host that does not run what it should."""
    running = _running()
    for host in expected:
        version = host.current.resolve().name
        if version != host.package.version:
            raise NotTrue(f"{host.address} is linked to {version}, not {host.package.version}")
        if (host.current / "bin/node-exporter").resolve() not in running:
            raise NotTrue(f"{host.address} does not run {version}")
        _get(f"http://{host.address}:{SERVICE_PORT}/")


def _running() -> set[Path]:
    found = set()
    for process in Path("/proc").iterdir():
        try:
            found.add((process / "exe").readlink())
        except OSError:
            continue
    return found


def _get(url: str) -> None:
    deadline = time.monotonic() + ANSWER_WITHIN
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise NotTrue(f"{url} does not answer") from error
            time.sleep(0.05)
        else:
            return
