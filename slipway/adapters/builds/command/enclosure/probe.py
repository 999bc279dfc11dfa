"""Tries an enclosure, in a process of its own: `python -m …probe`, told on standard input."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from slipway.adapters.builds.command.enclosure.enclosure import Enclosure
from slipway.adapters.builds.command.processes.tree import renounce_rights
from slipway.adapters.builds.command.processes.users import BuildUser


def main() -> int:
    """Return 0 when a build can be enclosed here; else say why not on standard error."""
    told = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="slipway-probe-") as folder:
        for name in ("source", "home", "tmp"):
            Path(folder, name).mkdir()
        enclosure = Enclosure(
            source=f"{folder}/source",
            home=f"{folder}/home",
            scratch=f"{folder}/tmp",
            readable=tuple(told["readable"]),
            hidden=tuple(told["hidden"]),
            network=False,
            user=BuildUser(told["uid"], told["gid"]),
        )
        child = os.fork()
        if child == 0:
            _try(enclosure)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _try(enclosure: Enclosure) -> NoReturn:
    def look() -> NoReturn:
        enclosure.user.become()
        renounce_rights()
        os.execv("/bin/sh", ["sh", "-c", "exit 0"])

    try:
        enclosure.run(look, parent=os.getppid())
    except OSError as error:
        print(error, file=sys.stderr, flush=True)
    finally:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
