"""Small packages, chains and steps made for tests of hosts."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from slipway.core.release.steps import (
    Chain,
    Fence,
    HostStep,
    PackageFormat,
    PackageRef,
    Probe,
    Receipt,
    Restart,
    RunHook,
    Stop,
    Switch,
    Ticket,
    Unpack,
)
from slipway.core.release.supervisors.script import ScriptSupervisor
from slipway.core.spec.values import HealthCheck, Hook

SOON = timedelta(seconds=60)
NO_TIME = timedelta(0)

START = b"""#!/bin/sh
echo "starting $VERSION on $PORT"
setsid ./bin/run.sh >/dev/null 2>&1 </dev/null &
echo $! >"$SHARED/pid"
"""
STOP = b"""#!/bin/sh
kill "$(cat "$SHARED/pid")"
"""
RUN = b"#!/bin/sh\nexec sleep 100000\n"
# What a body did: one line each, where a test finds it.
NOTE = b'#!/bin/sh\necho "$1" >>"$HOME/notes"\n'

SCRIPTS: Mapping[str, bytes] = {
    "bin/start.sh": START,
    "bin/stop.sh": STOP,
    "bin/run.sh": RUN,
    "bin/note.sh": NOTE,
}


def tar(path: Path, files: Mapping[str, bytes], mode: int = 0o755) -> PackageRef:
    """Write a .tar.gz of these files and return what names it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return ref(path, PackageFormat.TAR_GZ)


def ref(path: Path, package_format: PackageFormat) -> PackageRef:
    content = path.read_bytes()
    return PackageRef(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        format=package_format,
        filename=path.name,
    )


def release(folder: Path, version: str, **files: bytes) -> tuple[PackageRef, Path]:
    """Make the package of a service that runs by its own scripts; `files` are put into bin/."""
    path = folder / f"billing-{version}.tar.gz"
    own = {f"bin/{name}.sh": content for name, content in files.items()}
    return tar(path, {**SCRIPTS, "version": version.encode(), **own}), path


def scripts() -> ScriptSupervisor:
    return ScriptSupervisor(start=Hook(("./bin/start.sh",)), stop=Hook(("./bin/stop.sh",)))


def environment(root: str, version: str, instance: str = "8080") -> tuple[tuple[str, str], ...]:
    shared = f"{root}/billing/{instance}/shared/run"
    return (("PORT", instance), ("SHARED", shared), ("VERSION", version))


def switch(root: str, version: str, instance: str = "8080") -> Switch:
    return Switch(version, environment(root, version, instance), ("run",), scripts())


def unpack(version: str, package: PackageRef, limit: int = 10**9) -> Unpack:
    return Unpack(version, package, limit)


def restart() -> Restart:
    return Restart(scripts(), timedelta(seconds=5))


def stop() -> Stop:
    return Stop(scripts(), timedelta(seconds=5))


def probe(version: str, check: HealthCheck | None = None) -> Probe:
    return Probe(check or quick_check(), version, scripts())


def quick_check(*command: str, deadline: timedelta = timedelta(seconds=1)) -> HealthCheck:
    return HealthCheck(
        command=command,
        interval=timedelta(milliseconds=50),
        min_healthy_time=NO_TIME,
        healthy_deadline=deadline,
    )


def receipt(to_version: str) -> Receipt:
    return Receipt(7, "upgrade", "", to_version)


def note(version: str, text: str) -> RunHook:
    """A hook that leaves a line behind each time it runs."""
    return RunHook("before_activate", Hook(("./bin/note.sh", text)), version)


def hook(version: str, *argv: str, inactivity: timedelta = SOON) -> RunHook:
    return RunHook("before_activate", Hook(argv, SOON, inactivity), version)


def chain(
    *steps: HostStep,
    name: str = "t",
    fence: tuple[int, int] = (1, 1),
    instance: str = "8080",
    timeout: timedelta = SOON,
) -> Chain:
    """Return a chain whose tickets are called NAME-1, NAME-2…"""
    tickets = tuple(
        Ticket(f"{name}-{number}", step, timeout) for number, step in enumerate(steps, start=1)
    )
    return Chain("billing", instance, Fence(*fence), tickets)
