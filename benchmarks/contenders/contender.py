"""What every contender can do, and what those share that have no agent of ours to prepare."""

import shutil
import subprocess
from pathlib import Path
from typing import Protocol

from benchmarks.farm import Farm, FarmHost
from benchmarks.package import SERVICE_PORT, Package


class Contender(Protocol):
    """`also` names background processes to count (see measure); `notes` go below the table."""

    name: str
    also: str
    notes: list[str]

    def prepare(self, old: Package, new: Package) -> None:
        """Bring `old` onto every host, running and known. Not measured."""

    def upgrade(self) -> None:
        """Bring `new` onto every host and wait until it is healthy."""

    def roll_back(self) -> None:
        """Go back to `old` on every host and wait until it is healthy."""

    def current(self, host: FarmHost) -> Path:
        """The link to the release on a host."""

    def close(self) -> None:
        """Stop the service and the contender's own processes; leave nothing on the hosts."""


class ScriptedHosts:
    """Hosts for those who copy, link and call scripts: releases, a link and a shared folder."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm

    def home(self, host: FarmHost) -> Path:
        return host.root / "srv"

    def current(self, host: FarmHost) -> Path:
        return self.home(host) / "current"

    def install(self, package: Package) -> None:
        """Put the first version there and start it, without any of the contenders."""
        for host in self._farm.hosts:
            release = self.home(host) / "releases" / package.version
            release.mkdir(parents=True)
            subprocess.run(["tar", "-xf", package.path, "-C", release], check=True)
            self.current(host).symlink_to(f"releases/{package.version}")
            self._call(host, "start.sh")
        for host in self._farm.hosts:
            self._call(host, "healthy.sh")

    def clear(self) -> None:
        for host in self._farm.hosts:
            if self.current(host).exists():
                self._call(host, "stop.sh")
            shutil.rmtree(self.home(host), ignore_errors=True)

    def _call(self, host: FarmHost, script: str) -> None:
        values = (
            f"ADDRESS={host.name}",
            f"PORT={SERVICE_PORT}",
            f"SHARED={self.home(host) / 'shared'}",
        )
        self._farm.run(host, "env", *values, str(self.current(host) / script))
