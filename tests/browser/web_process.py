"""The web process as it is in life, on the rows of a test: it is really stopped, and started."""

import os
import shutil
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.preloaded import Process, start

START_TIME = 120.0  # seconds, beside whatever else this machine does


class WebProcess:
    """`slipway web` on a port of its own, with the database and the keys of this test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = folder / "log"
        self._process: Process | None = None
        for name in ("keys", "secret-key"):
            if (own := Path(settings.DATA) / name).exists():
                shutil.copy(own, folder / name)
        self._environment = os.environ | {"SLIPWAY_DATA": str(folder), **_database(folder)}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ("web", "--host", "127.0.0.1", "--port", str(self._port))
        self._process = start(words, self._log, self._environment)
        until = time.monotonic() + START_TIME
        while not self._answers():
            is_up = self._process.poll() is None and time.monotonic() < until
            assert is_up, self._log.read_text(errors="replace")
            time.sleep(0.05)

    def stop(self) -> None:
        """Kill it, as a machine that loses its power does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _database(folder: Path) -> dict[str, str]:
    there = connection.settings_dict
    if connection.vendor == "sqlite":
        (folder / "slipway.sqlite3").symlink_to(Path(str(there["NAME"])).resolve())
        return {}
    who, where = f"{there['USER']}:{there['PASSWORD']}", f"{there['HOST']}:{there['PORT']}"
    return {"SLIPWAY_DATABASE_URL": f"postgresql://{who}@{where}/{there['NAME']}"}
