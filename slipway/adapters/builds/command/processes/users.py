"""As whom the command of a build runs: where the worker is root, a user that no other build has."""

import os
import pwd
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused, ServerTrouble

NOBODY = 65_534
# Numbers that distributions and systemd leave alone (systemd's UIDS-GIDS.md), below 65,536:
# a container often has no others. Processes and files need no name.
USUAL_NUMBERS = range(60_706, 61_184)
_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")


@dataclass(frozen=True, slots=True)
class BuildUser:
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        """Inside, where there is no list of users but ours."""
        return "nobody" if self.is_us else "build"

    def __str__(self) -> str:
        return f"number {self.uid}"

    def owns(self, path: str | os.PathLike[str]) -> None:
        """Give it the file, folder or link itself. This function will do nothing where it is
        already its own."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def become(self) -> None:
        """Go on as that user, for good."""
        if self.is_us:
            return
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)


def ourselves() -> BuildUser:
    return BuildUser(os.geteuid(), os.getegid())


def parse_numbers(text: str) -> range:
    """Return the numbers in "60706-61183", the usual ones for "". Raises ServerRefused."""
    if not text:
        return USUAL_NUMBERS
    found = _RANGE.fullmatch(text)
    numbers = range(int(found[1]), int(found[2]) + 1) if found else range(0)
    if not numbers or numbers.start < 1000 or numbers.stop > 2**31:
        raise ServerRefused(
            "{text} are no numbers of users for builds.",
            hint="Give the worker's SLIPWAY_BUILD_USERS as FIRST-LAST, 60706-61183 say, from 1000.",
            text=f"“{shown(text)}”",
        )
    return numbers


def free_user(numbers: range, taken: Collection[int], folder: Path) -> BuildUser:
    """Return a user that no build in `folder` has, no account and no process. Raises
    ServerTrouble.

    Two installations on one machine begin at different numbers, as their folders' names differ.
    """
    busy = {*taken, *_numbers_of_accounts(), *_numbers_of_processes()}
    first = sum(os.fsencode(folder)) % len(numbers)
    for number in (*numbers[first:], *numbers[:first]):
        if number not in busy:
            return BuildUser(number, number)
    raise ServerTrouble(
        "No user is free for another build: the numbers {first} to {last} are all taken.",
        hint="Give this worker others, as SLIPWAY_BUILD_USERS=FIRST-LAST. It is tried again.",
        first=numbers.start,
        last=numbers.stop - 1,
    )


def _numbers_of_accounts() -> set[int]:
    return {entry.pw_uid for entry in pwd.getpwall()}


def _numbers_of_processes() -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            line = path.read_bytes().partition(b"\nUid:")[2].partition(b"\n")[0]
            found |= {int(number) for number in line.split()}
    return found
