"""The folders of builds by command: one for each build, and what is written down in it."""

import fcntl
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from slipway.adapters.packages.files import read_json, write_json
from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused, ServerTrouble

KEPT = 20  # ended builds, whatever is said about their age
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")


@dataclass(frozen=True, slots=True)
class BuildFolder:
    """The folder of one build.

    `claim` is locked by the runner as long as it lives: the kernel frees it when the runner dies,
    however it does, and a lock is never mistaken for somebody else's as a process id can be.
    """

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def scratch(self) -> Path:
        return self.folder / "tmp"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def runner_log(self) -> Path:
        """What the runner itself has to complain of."""
        return self.folder / "runner.log"

    @property
    def claim(self) -> Path:
        return self.folder / "claim"

    @property
    def cancel(self) -> Path:
        """Whoever makes this file ends the build."""
        return self.folder / "cancel"

    @property
    def number(self) -> int | None:
        """Of the user whose place it is; None where nobody was chosen yet."""
        said = read_json(self.folder / "user.json") or {}
        number = said.get("number")
        return number if isinstance(number, int) else None

    def write_number(self, number: int) -> None:
        write_json(self.folder / "user.json", {"number": number}, parts=self.folder)

    @property
    def note(self) -> dict[str, object] | None:
        """What the runner says of itself; None where none has ever taken the place."""
        return read_json(self.folder / "runner.json")

    @property
    def result(self) -> dict[str, object] | None:
        return read_json(self.folder / "result.json")

    def write_note(self, **values: object) -> None:
        write_json(self.folder / "runner.json", values, parts=self.folder)

    def write_result(self, **values: object) -> None:
        write_json(self.folder / "result.json", values, parts=self.folder)

    def take(self) -> int | None:
        """Lock the place for as long as the returned descriptor is open; None: it is taken."""
        opened = os.open(self.claim, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return None
        return opened

    def is_running(self) -> bool:
        """Only to be asked once there is a note: the question itself takes the lock."""
        try:
            with self.claim.open("rb") as opened:
                fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def is_under_way(self) -> bool:
        """Taken by a runner that lives, and has not said how it ended."""
        return self.note is not None and self.result is None and self.is_running()

    def last_at(self) -> float:
        """When something was last heard of it (seconds since 1970)."""
        told = self.result or self.note or {}
        at = told.get("finished_at") or told.get("started_at")
        return float(at) if isinstance(at, int | float) else self.folder.stat().st_mtime


class Workshop:
    """All places of this machine, and the machine's name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, correlation: str) -> BuildFolder:
        if not _NAME.fullmatch(correlation):
            raise ServerRefused(
                "{correlation} cannot be the name of a build's folder.",
                hint="Letters, digits and . _ - only.",
                correlation=f"“{shown(correlation)}”",
            )
        return BuildFolder(self.folder / correlation)

    def places(self) -> Iterator[BuildFolder]:
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if _NAME.fullmatch(path.name) and path.is_dir():
                    yield BuildFolder(path)

    def make(self, place: BuildFolder) -> None:
        """Make the folder of a build, closed to others; it may be there already."""
        self.make_folder()
        with suppress(FileExistsError):
            place.folder.mkdir(mode=0o700)
        _check_ours(place.folder)

    def make_folder(self) -> None:
        """The folder of all builds: whoever runs their commands gets through, and reads nothing."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o711)  # whatever our umask says
        _check_ours(self.folder)

    def machine(self) -> str:
        """This machine's name for people, with its unmistakable end."""
        host = re.sub(r"[^0-9a-z.-]", "", platform.node().lower())[:40].strip(".-") or "machine"
        return f"{host}-{self._machine_key()}"

    def is_here(self, machine: str) -> bool:
        """A machine may be renamed; the end of its name stays."""
        return machine.rpartition("-")[2] == self._machine_key()

    def _machine_key(self) -> str:
        # Not the id itself: it is not for others to know (machine-id(5)).
        return hashlib.sha256(b"slipway builds " + self._machine_id()).hexdigest()[:8]

    def _machine_id(self) -> bytes:
        with suppress(OSError):
            if text := Path("/etc/machine-id").read_bytes().strip():
                return text
        own = self.folder / ".machine-id"
        if not own.exists():
            self.make_folder()
            new = self.folder / f".machine-id.{secrets.token_hex(4)}"
            new.write_text(secrets.token_hex(16))
            with suppress(FileExistsError):
                os.link(new, own)  # of two processes that start together, one key wins
            new.unlink()
        return own.read_bytes()

    def forget(self, place: BuildFolder) -> bool:
        """Remove the folder of a build that is over; False: it runs, or is not there."""
        if not place.folder.is_dir() or place.is_under_way():
            return False
        going = self.folder / f".going-{place.folder.name}-{secrets.token_hex(4)}"
        place.folder.rename(going)  # at once: nobody finds half a build
        _remove(going)
        return True

    def sweep(self, older_than: timedelta, now: datetime) -> int:
        """Remove builds that were over `older_than` ago, and all but the youngest that are over.
        Returns how many went."""
        limit = (now - older_than).timestamp()
        for half_gone in self.folder.glob(".going-*"):
            _remove(half_gone)
        gone = [place for place in self._over() if place.last_at() < limit]
        return sum(self.forget(place) for place in gone) + self.sweep_surplus()

    def sweep_surplus(self) -> int:
        """Remove all but the youngest of the builds that are over."""
        ended = [place for place in self._over() if place.note]
        ended.sort(key=BuildFolder.last_at, reverse=True)
        return sum(self.forget(place) for place in ended[KEPT:])

    def _over(self) -> list[BuildFolder]:
        return [place for place in self.places() if not place.is_under_way()]


def _check_ours(folder: Path) -> None:
    """Who made it before us, or may write there, could swap sources and results."""
    seen = folder.lstat()
    if stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o022:
        return
    raise ServerTrouble(
        "The folder {folder} of builds is a link, somebody else's, or others can write in it.",
        hint="Look at what it holds, then remove it, or name another one with SLIPWAY_BUILDS.",
        folder=str(folder),
    )


def _remove(folder: Path) -> None:
    """Remove it even where a build has taken our rights from its folders."""
    if os.geteuid() != 0:
        for path, names, _ in os.walk(folder):
            for name in names:
                inner = Path(path, name)
                if not inner.is_symlink():
                    inner.chmod(0o700)
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
