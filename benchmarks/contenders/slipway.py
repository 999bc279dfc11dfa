"""Slipway itself, by its command line alone: `slipway up` on SQLite, upgrade, rollback."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.farm import Farm, FarmHost, wait_for_port
from benchmarks.measure import controller_environment
from benchmarks.package import SERVICE, SERVICE_PORT, Package

PROGRAM = Path(sys.executable).parent / "slipway"
PORT = 8471
ENVIRONMENT = "bench"
ALL_AT_ONCE = ("--batches", "100%", "--max-unavailable", "100%")
END_WITHIN = 30.0  # seconds


class Slipway:
    """Keeps its data in `folder`. Connections to the hosts are kept from the first check on."""

    def __init__(self, farm: Farm, folder: Path) -> None:
        self.name = "slipway"
        self.also = ""
        self.notes: list[str] = []
        self._farm = farm
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""

    def prepare(self, old: Package, new: Package) -> None:
        self._old, self._new = old, new
        self._folder.mkdir(mode=0o700)
        self._start()
        self._say("env", "create", ENVIRONMENT, "--order", "10")
        self._say("key", "add", "default", "--file", str(self._farm.key))
        self._say("host", "import", str(self._inventory()))
        self._say("host", "check", "--env", ENVIRONMENT, "--accept-key")
        self._say("service", "create", SERVICE, "--language", "go")
        for package in (old, new):
            began = time.monotonic()
            self._say("version", "upload", SERVICE, str(package.path), "--version", package.version)
        self.notes = [
            f"slipway: the package was put into the store before, in {time.monotonic() - began:.2f}"
            " s; that is done once, when it is built."
        ]
        hosts = ",".join(host.name for host in self._farm.hosts)
        place = ("--hosts", hosts, "--port", str(SERVICE_PORT))
        self._operate("deploy", SERVICE, old.version, *place)

    def upgrade(self) -> None:
        self._operate("upgrade", SERVICE, self._new.version)

    def roll_back(self) -> None:
        self._operate("rollback", SERVICE)

    def current(self, host: FarmHost) -> Path:
        return self._root(host) / SERVICE / str(SERVICE_PORT) / "current"

    def close(self) -> None:
        try:
            if self._token:
                self._operate("remove", SERVICE, "--yes")
        finally:
            if self._process is not None:
                self._process.terminate()
                self._process.wait(END_WITHIN)
            for host in self._farm.hosts:
                shutil.rmtree(self._root(host), ignore_errors=True)

    def _root(self, host: FarmHost) -> Path:
        return host.root / "opt"

    def _start(self) -> None:
        command = [str(PROGRAM), "up", "--data", str(self._folder), "--port", str(PORT)]
        with (self._folder / "up.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=controller_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for_port("127.0.0.1", PORT)
        self._token = (self._folder / "admin-token").read_text().strip()

    def _inventory(self) -> Path:
        lines = ["name,address,port,user,root,environment,key"]
        lines += [
            f"{host.name},{host.name},{host.port},{host.user},{self._root(host)},{ENVIRONMENT},default"
            for host in self._farm.hosts
        ]
        path = self._folder / "hosts.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _operate(self, verb: str, *words: str) -> None:
        self._say(verb, *words, "--env", ENVIRONMENT, *ALL_AT_ONCE, "--wait")

    def _say(self, *words: str) -> None:
        environment = controller_environment(
            SLIPWAY_URL=f"http://127.0.0.1:{PORT}", SLIPWAY_TOKEN=self._token
        )
        with (self._folder / "commands.log").open("ab") as log:
            log.write(f"$ slipway {' '.join(words)}\n".encode())
            log.flush()
            subprocess.run(
                [str(PROGRAM), *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )
