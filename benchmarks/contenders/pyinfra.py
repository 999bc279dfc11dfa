"""pyinfra: put, untar, link, restart by script, wait for health."""

import subprocess
from pathlib import Path

from benchmarks.contenders.contender import ScriptedHosts
from benchmarks.farm import Farm, FarmHost
from benchmarks.measure import controller_environment
from benchmarks.package import SERVICE_PORT, Package

DEPLOYS = Path(__file__).parent.parent / "deploys"


class Pyinfra:
    """Keeps its inventory in `folder`."""

    def __init__(self, farm: Farm, folder: Path, tools: Path) -> None:
        self.name = "pyinfra"
        self.also = ""
        self.notes: list[str] = []
        self._farm = farm
        self._folder = folder
        self._program = tools / "pyinfra"
        self._scripted = ScriptedHosts(farm)

    def prepare(self, old: Package, new: Package) -> None:
        self._old, self._new = old, new
        self._folder.mkdir()
        inventory = [(host.name, self._data(host)) for host in self._farm.hosts]
        (self._folder / "inventory.py").write_text(f"hosts = {inventory!r}\n")
        self._scripted.install(old)

    def upgrade(self) -> None:
        self._run("upgrade.py", self._new)

    def roll_back(self) -> None:
        self._run("rollback.py", self._old)

    def current(self, host: FarmHost) -> Path:
        return self._scripted.current(host)

    def close(self) -> None:
        self._scripted.clear()

    def _data(self, host: FarmHost) -> dict[str, object]:
        return {
            "ssh_port": host.port,
            "ssh_user": host.user,
            "ssh_key": str(self._farm.key),
            "ssh_known_hosts_file": str(self._farm.known_hosts),
            "ssh_strict_host_key_checking": "yes",
            "home": str(self._scripted.home(host)),
            "service_port": SERVICE_PORT,
        }

    def _run(self, deploy: str, package: Package) -> None:
        command = [
            str(self._program),
            "-y",
            "--data",
            f"version={package.version}",
            "--data",
            f"package={package.path}",
            str(self._folder / "inventory.py"),
            str(DEPLOYS / deploy),
        ]
        with (self._folder / f"{deploy}.log").open("wb") as log:
            subprocess.run(
                command,
                cwd=self._folder,
                env=controller_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )
