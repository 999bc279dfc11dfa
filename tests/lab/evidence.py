"""What is really on a lab host of one instance, looked at without Slipway."""

import http.client
import os
import stat
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.lab.images import get_base_image
from tests.lab.machines import Machine
from tests.lab.packages import PROGRAM, SERVICE

ROOT = "/opt/slipway"
PORT = 9100
UNIT = f"slipway-{SERVICE}-{PORT}.service"
# What a running Debian writes by itself.
OWN_WRITES = ("var/log/", "var/lib/systemd/", "var/cache/", "var/tmp/", "tmp/", "run/", "etc/ssh/")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Each fact from another place: the link, the unit, the process, the answer on the port."""

    link: str  # where `current` points
    unit: str  # systemd's word
    executable: str  # of the unit's main process
    user: str  # whom it runs as
    answers: str  # version in the service's own words


def evidence_of(machine: Machine) -> Evidence:
    pid = machine.says("systemctl", "show", "--property=MainPID", "--value", UNIT)
    running = pid not in {"", "0"}
    return Evidence(
        link=machine.says("readlink", f"{ROOT}/{SERVICE}/{PORT}/current"),
        unit=machine.says("systemctl", "is-active", UNIT),
        executable=machine.says("readlink", f"/proc/{pid}/exe") if running else "",
        user=machine.says("stat", "-c", "%U", f"/proc/{pid}") if running else "",
        answers=version_answered(machine),
    )


def evidence_for(name: str, version: str) -> Evidence:
    """What there must be when the version called `name`, which says `version`, runs."""
    return Evidence(
        link=f"../releases/{name}",
        unit="active",
        executable=f"{ROOT}/{SERVICE}/releases/{name}/bin/{PROGRAM}",
        user="app",
        answers=version,
    )


def version_answered(machine: Machine) -> str:
    """What the service says of itself on its port, "" when nobody answers."""
    try:
        with urllib.request.urlopen(
            f"http://{machine.address}:{PORT}/metrics", timeout=30
        ) as answer:
            lines = answer.read().decode().splitlines()
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return ""  # also where it was stopped in the middle of its answer
    built = next(line for line in lines if line.startswith("node_exporter_build_info{"))
    return str(built.partition(',version="')[2].partition('"')[0])


def main_pid(machine: Machine) -> str:
    return machine.says("systemctl", "show", "--property=MainPID", "--value", UNIT)


def files_written(machine: Machine) -> set[str]:
    """Every file and link that differs from the bare system, and every folder it does not have;
    but for Debian's own."""
    upper, bare = machine.folder / "upper", get_base_image()
    found: set[str] = set()
    for folder, folders, files in os.walk(upper):
        for name in (*folders, *files):
            path = Path(folder, name)
            inside = str(path.relative_to(upper))
            # A character device 0:0 is how an overlay says "removed".
            removed = stat.S_ISCHR(path.lstat().st_mode)
            old_folder = path.is_dir() and (bare / inside).is_dir()
            if not removed and not old_folder and not f"{inside}/".startswith(OWN_WRITES):
                found.add(inside)
    return found


def is_receipt(path: str) -> bool:
    """Whether this is one of our receipts, or a folder on the way to them."""
    if not f"/{path}/".startswith(f"{ROOT}/"):
        return False
    below = Path("/", path).relative_to(ROOT).parts  # service, instance, receipts, one of them
    return below[:3] in {(), (SERVICE,), (SERVICE, str(PORT)), (SERVICE, str(PORT), "receipts")}
