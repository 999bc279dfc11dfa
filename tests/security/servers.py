"""The server commands as processes of their own, on a folder that a test gives."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND_TIME = 60.0  # seconds


class Server:
    """An installation that is not up: its commands are run one by one."""

    def __init__(self, data: Path, database_url: str = "") -> None:
        self.data = data
        self.environment = {**os.environ, "SLIPWAY_DATA": str(data)}
        self.environment["DJANGO_SETTINGS_MODULE"] = "slipway.project.settings"
        self.use(database_url)

    def use(self, database_url: str) -> None:
        """Be on this database from now on; none: the embedded one."""
        self.environment["SLIPWAY_DATABASE_URL"] = database_url

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self._run("-m", "slipway.project", *words)

    def django(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self._run("-m", "django", *words)

    def script(self, text: str) -> str:
        """Run Python that has the records; returns what it prints."""
        done = self._run("-c", f"import django; django.setup()\n{text}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIME,
            check=False,
        )
