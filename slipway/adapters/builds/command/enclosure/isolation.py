"""Whether builds can be kept apart on this machine, and what is done where they cannot."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from slipway.adapters.builds.command.enclosure import probe
from slipway.adapters.builds.command.processes.users import USUAL_NUMBERS, BuildUser, ourselves
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import ServerRefused

PROGRAM = Path(probe.__file__).parents[5]  # the folder that `slipway` is imported from
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # of builds and their runners
_LONGEST = 30.0  # seconds
_SILENT = Sentence.of("isolation_silent", "it does not say why")
_SYSTEMD = Path("/run/systemd/system")
EVERY_SERVICE = "*"
_OURS = 256 * 1024**2  # bytes for the runner itself


class NotIsolated(ServerRefused):
    """Builds cannot be kept apart here, and nobody has said that they need not be."""

    code = "build_not_isolated"


@dataclass(slots=True)
class Isolation:
    """`numbers` of users for builds where we are root; `readable` folders that builds see besides
    the system's; `hidden` ones that they never see; `open_to`: services whose builds run without
    it where it cannot be had."""

    numbers: range = USUAL_NUMBERS
    readable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    open_to: frozenset[str] = frozenset()
    _works: bool = field(default=False, init=False)

    def why_not(self) -> str | Sentence:
        """Return why nothing can be enclosed here, "" where it can. What works is tried once."""
        if not self._works:
            if said := self._try():
                return said
            self._works = True
        return ""

    def encloses(self, service: str, *, network: bool) -> bool:
        """Return whether a build of the service is enclosed. Raises NotIsolated when it can be
        neither that nor without."""
        reason = self.why_not()
        if not reason:
            return True
        if not self.is_open_to(service):
            raise NotIsolated(
                "{service} is not built here: its command could not be kept apart from Slipway "
                "and from other builds ({reason}).",
                hint="Run the worker as root, or let its user make namespaces. To build it all "
                "the same, name it in the worker's SLIPWAY_UNISOLATED_BUILDS={service}: it then "
                "sees what any user of this machine sees, and all that is Slipway's where the "
                "worker is not root.",
                service=service,
                reason=reason,
            )
        if not network:
            raise NotIsolated(
                "{service} is to be built without a network, and none can be kept from it here "
                "({reason}).",
                hint="Take network: none out of how it is built, or have it isolated.",
                service=service,
                reason=reason,
            )
        return False

    def is_open_to(self, service: str) -> bool:
        return service in self.open_to or EVERY_SERVICE in self.open_to

    def _try(self) -> str | Sentence:
        user = ourselves() if os.geteuid() else BuildUser(self.numbers[0], self.numbers[0])
        told = {"readable": self.readable, "hidden": self.hidden, "uid": user.uid, "gid": user.gid}
        try:
            done = subprocess.run(
                [sys.executable, "-m", probe.__name__],
                input=json.dumps(told).encode(),
                capture_output=True,
                cwd=PROGRAM,
                env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=_LONGEST,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return shown(str(error), 200)
        if done.returncode == 0:
            return ""
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if not lines:
            return _SILENT
        return shown(lines[-1].removeprefix("[slipway] ").rstrip("."), 200)


def bounded(command: list[str], *, memory: int, processes: int) -> list[str]:
    """Return the command line that runs the command with its memory and processes counted by the
    kernel, where systemd can have that done: all together, and what no process shows as its own."""
    if os.geteuid() != 0 or not _makes_scopes():
        return command
    limits = [f"MemoryMax={memory + _OURS}", "MemorySwapMax=0", f"TasksMax={processes + 16}"]
    said = [word for limit in limits for word in ("-p", limit)]
    scope = ("systemd-run", "--scope", "--quiet", "--collect", "--slice=slipway-builds.slice")
    return [*scope, *said, "--", *command]


def _makes_scopes() -> bool:
    """Return whether systemd runs here and is asked by its program, which a container that sees the
    machine's /run has not."""
    return _SYSTEMD.is_dir() and shutil.which("systemd-run", path=PATH) is not None
