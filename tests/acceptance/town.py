"""A town for acceptance tests: real processes of Slipway, and hosts that outlive them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.packages import package
from tests.first_start import put_database
from tests.ports import free_port
from tests.postgresql import PostgresqlCluster
from tests.preloaded import Process, start

PATIENCE = 90.0  # seconds for anything to come true
LONGEST_PAUSE = 0.8  # seconds between two questions of a test that waits
QUICK = {"SLIPWAY_WORKER_BEAT": "0.5", "SLIPWAY_WORKER_DEAD_AFTER": "3"}


class Town:
    """Hosts, a web process and workers, on SQLite or on a PostgreSQL of its own."""

    more = ""  # that is done with its rows before anything else, in Python

    def __init__(self, folder: Path, cluster: PostgresqlCluster | None, hosts: int) -> None:
        self.folder = folder
        self.cluster = cluster
        self.hosts: list[dict[str, Any]] = []
        self._count = hosts
        self._processes: dict[str, Process] = {}
        self._port = free_port()
        # Open to the user that builds run as; pytest's own folders are not.
        self.builds = tempfile.mkdtemp(prefix="slipway-builds-")
        Path(self.builds).chmod(0o711)
        self._environment = {
            **os.environ,
            **QUICK,
            "SLIPWAY_DATA": str(folder / "data"),
            "SLIPWAY_DATABASE_URL": cluster.make_database("town") if cluster else "",
            "SLIPWAY_FAILPOINTS": str(folder / "failpoint"),
            "SLIPWAY_BUILDS": self.builds,
        }
        self.api: httpx.Client

    # --- processes ---------------------------------------------------------------------------

    def open(self) -> None:
        """Start hosts and web, prepare the tables, log in, make environment, key and hosts."""
        self._open_hosts()
        self._prepare()
        self.start_web()
        self._furnish()

    def close(self) -> None:
        self.api.close()
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self._processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        for pid in self._left_running():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.builds)

    def start_web(self) -> None:
        self._start("web", ["web", "--port", str(self._port)])
        self.until(self._answers, "the web process answers")

    @property
    def worker(self) -> Process:
        return self._processes["worker"]

    def is_running(self, name: str) -> bool:
        return name in self._processes and self._processes[name].poll() is None

    def arm(self, point: str) -> None:
        """Have the worker kill itself when it next reaches that point of a rollout."""
        wish = self.folder / "failpoint"
        wish.with_suffix(".new").write_text(point)
        wish.with_suffix(".new").rename(wish)

    def start_worker(self, name: str = "worker", **environment: str) -> Process:
        """Start a worker and wait until it can begin. `environment` is beside the town's."""
        ready = self.folder / f"ready-{time.monotonic_ns()}"
        process = self._start(name, ["worker", "--ready-file", str(ready)], environment)
        self.until(lambda: ready.exists() or process.poll() is not None, "the worker is ready")
        return process

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is gone."""
        process = self._processes.pop(name)
        process.kill()
        process.wait(30)

    def kill_everything(self) -> None:
        """What a power cut does: web, worker and the database at once. The hosts live on."""
        for name in ("web", "worker"):
            if name in self._processes:
                self._processes[name].kill()
        if self.cluster:
            self.cluster.kill()
        for name in ("web", "worker"):
            if name in self._processes:
                self._processes.pop(name).wait(30)

    def restore(self) -> None:
        """Power is back."""
        if self.cluster:
            self.cluster.start()
        if not self.is_running("web"):
            self.start_web()
        self.start_worker()

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text()[-6000:] if path.exists() else ""

    # --- looking -----------------------------------------------------------------------------

    def until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        """Wait for `condition`; fails with what was waited for, and the logs. What takes long is
        asked for less often: a server that answers all the time does nothing else."""
        deadline, pause = time.monotonic() + patience, 0.05
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.1)
        raise AssertionError(f"not within {patience:g} s: {what}\n{self.log('worker')}")

    def get(self, path: str, **query: object) -> Any:
        answer = self.api.get(path, params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, path: str, body: dict[str, Any], expected: tuple[int, ...] = (200, 201, 202)
    ) -> Any:
        answer = self.api.post(path, json=body)
        assert answer.status_code in expected, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def rollout(self, number: int) -> Any:
        return self.get(f"/rollouts/{number}")

    def await_end(self, number: int) -> Any:
        """Wait until a rollout is over and return it."""
        over = ("succeeded", "halted", "partial", "cancelled")

        def ended() -> Any:
            with suppress(httpx.TransportError):
                rollout = self.rollout(number)
                return rollout if rollout["state"] in over else None
            return None

        try:
            return self.until(ended, f"rollout {number} ends")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.rollout(number)}") from None

    def bodies(self, host: dict[str, Any], service: str, version: str) -> Counter[str]:
        """How often each script of a version ran on a host, written by the scripts themselves."""
        path = Path(host["root"]) / f"bodies-{service}"
        lines = path.read_text().split("\n") if path.exists() else []
        return Counter(line.split()[0] for line in lines if line.endswith(f" {version}"))

    def running(self, host: dict[str, Any], service: str) -> str:
        """The version whose process lives on a host, found by its process."""
        note = Path(host["root"]) / f"pid-{service}"
        if not note.exists():
            return ""
        pid, version = note.read_text().split()
        return version if Path("/proc", pid).exists() else ""

    def link(self, host: dict[str, Any], service: str, instance: str = "main") -> str:
        link = Path(host["root"], service, instance, "current")
        return link.readlink().name if link.is_symlink() else ""

    # --- things ------------------------------------------------------------------------------

    def make_service(self, service: str, *versions: str, **health: str) -> None:
        self.post("/services", {"name": service, "language": "other"})
        for version in versions:
            self.upload(service, version, package(service, version, **health))

    def upload(self, service: str, version: str, content: bytes) -> None:
        answer = self.api.post(
            f"/services/{service}/versions",
            params={"filename": f"{service}-{version}.tar.gz", "version": version},
            content=content,
            headers={"Content-Type": "application/octet-stream"},
        )
        assert answer.status_code == 201, answer.text

    def start_rollout(self, kind: str, service: str, version: str = "", **more: Any) -> int:
        where = {"service": service, "environment": "prod", "confirm": service}
        body = {"kind": kind, **where, **more}
        if version:
            body["version"] = version
        return int(self.post("/rollouts", body)["id"])

    # --- inside ------------------------------------------------------------------------------

    def _start(
        self, name: str, words: Sequence[str], more: Mapping[str, str] | None = None
    ) -> Process:
        process = start(words, self.folder / f"{name}.log", {**self._environment, **(more or {})})
        self._processes[name] = process
        return process

    def _open_hosts(self) -> None:
        command = [sys.executable, "-m", "slipway_demo.hosts", "--names", "web"]
        command.append("--own-addresses")  # so that a service has the same port on each of them
        with (self.folder / "hosts.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--folder", str(self.folder / "hosts"), "--count", str(self._count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,
            )
        self._processes["hosts"] = process
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        self.hosts, self._key = told["hosts"], Path(told["private_key_file"]).read_text()

    def _prepare(self) -> None:
        if not self._environment["SLIPWAY_DATABASE_URL"]:
            put_database(self.folder / "data")
        script = (
            "import django; django.setup()\nfrom django.conf import settings\n"
            "from slipway.project.installation.preparation import make_first_admin, migrate\n"
            f"migrate(); make_first_admin(settings.DATA)\n{self.more}"
        )
        environment = {**self._environment, "DJANGO_SETTINGS_MODULE": "slipway.project.settings"}
        prepared = start(["-c", script], self.folder / "prepared.log", environment)
        assert prepared.wait(120) == 0, self.log("prepared")
        token = (self.folder / "data" / "admin-token").read_text().strip()
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    def _furnish(self) -> None:
        self.post("/environments", {"name": "prod", "order": 30})
        self.post("/keys", {"name": "default", "private_key": self._key})
        names = [host["name"] for host in self.hosts]
        for host in self.hosts:
            fields = {key: host[key] for key in ("name", "address", "port", "user", "root")}
            self.post("/hosts", {**fields, "environment": "prod"})
        self.start_worker()
        group = self.post("/checks", {"hosts": names, "learn_key": True})["id"]
        done = self.until(
            lambda: (found := self.get(f"/checks/{group}"))["finished"] and found, "hosts are known"
        )
        assert all(item["ok"] for item in done["items"]), done

    def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{self._port}/healthz"
            return httpx.get(url, timeout=5).status_code == 200
        return False

    def _left_running(self) -> list[int]:
        patterns = ("hosts/*/root/pid-*", "hosts/*/root/*/*/shared/site.pid")
        notes = [note for pattern in patterns for note in self.folder.glob(pattern)]
        return [int(note.read_text().split()[0]) for note in notes]
