"""As whom the command of a build runs: never as root unless that was said."""

import os
import pwd
from dataclasses import dataclass

from slipway.core.names import shown
from slipway.ports.builds import ServerRefused

USUAL_NAME = "slipway-build"
# Where there is no user of that name: a number that distributions and systemd leave alone, and
# nobody else works under. Processes and files need no name.
NAMELESS = 60_999


@dataclass(frozen=True, slots=True)
class BuildUser:
    name: str  # "" for one without a name
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def __str__(self) -> str:
        return self.name or f"number {self.uid}"

    def owns(self, path: str | os.PathLike[str]) -> None:
        """Give it the file, folder or link itself. This function will do nothing where it is
        already its own."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def become(self) -> None:
        """Go on as that user, for good."""
        if self.is_us:
            return
        if self.name:
            os.initgroups(self.name, self.gid)
        else:
            os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)


def find_user(name: str) -> BuildUser:
    """Return the user for builds: the one configured; else, for root, `slipway-build` or a number
    of our own; else who we are. Raises ServerRefused."""
    if os.geteuid() != 0:
        return _ourselves(name)
    if name:
        if found := _by_name(name):
            return found
        raise ServerRefused(
            "There is no user {user} on this worker, as whom builds should run.",
            hint="Make it (useradd --system {user}), or correct the worker's setting.",
            user=shown(name),
        )
    return _by_name(USUAL_NAME) or _nameless()


def _ourselves(name: str) -> BuildUser:
    user = BuildUser(_name_of(os.geteuid()) or "", os.geteuid(), os.getegid())
    if name and name != user.name:
        raise ServerRefused(
            "Builds should run as {user}, and only root could do that; this worker is {us}.",
            hint="Run the worker as root or as {user}, or take the setting away.",
            user=shown(name),
            us=str(user),
        )
    return user


def _nameless() -> BuildUser:
    if other := _name_of(NAMELESS):
        raise ServerRefused(
            "Builds have no user of their own on this worker: {other} has the number meant for it.",
            hint="Make one: useradd --system {user}.",
            other=other,
            user=USUAL_NAME,
        )
    return BuildUser("", NAMELESS, NAMELESS)


def _by_name(name: str) -> BuildUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return BuildUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name_of(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
