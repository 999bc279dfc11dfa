"""Disks: room and inodes below the folders of this installation."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from slipway.core.words.sentence import Sentence
from slipway.interfaces.doctor.verdicts import DoctorFinding, ill, well

LEAST_ROOM = 2 * 1024**3  # bytes
LEAST_INODES = 10_000


@dataclass(frozen=True, slots=True)
class Disk:
    folders: tuple[Path, ...]
    free: int  # bytes
    inodes: int | None  # None: its file system counts none

    @property
    def is_short(self) -> bool:
        return self.free < LEAST_ROOM or (self.inodes is not None and self.inodes < LEAST_INODES)

    @property
    def said(self) -> Sentence:
        values = {
            "folders": ", ".join(map(str, self.folders)),
            "free": f"{self.free / 1024**3:.1f}",
        }
        if self.inodes is None:
            return Sentence.of("disk", "{folders} ({free} GiB free)", **values)
        template = "{folders} ({free} GiB and {inodes} inodes free)"
        return Sentence.of("disk_with_inodes", template, inodes=self.inodes, **values)


def disks(_now: datetime) -> DoctorFinding:
    found = list(_disks())
    short = [disk.said for disk in found if disk.is_short]
    if not short:
        said = Sentence.listed(*(disk.said for disk in found))
        return well("disks", "There is room on every disk: {disks}.", disks=said)
    return ill(
        "disks",
        "Little room is left: {disks}.",
        hint="Make room on that disk, or move the folder to a larger one. Where inodes are short,"
        " it is many small files that have to go: `du --inodes -x FOLDER` shows where they are.",
        disks=Sentence.listed(*short),
    )


def _disks() -> Iterator[Disk]:
    by_device: dict[int, list[Path]] = {}
    for folder in _folders():
        by_device.setdefault(folder.stat().st_dev, []).append(folder)
    for folders in by_device.values():
        room = os.statvfs(folders[0])
        inodes = room.f_favail if room.f_files else None
        yield Disk(tuple(folders), room.f_bavail * room.f_frsize, inodes)


def _folders() -> Iterator[Path]:
    """Yield each that is there: builds are elsewhere where workers are."""
    database = settings.DATABASES["default"]
    kept = [settings.DATA, settings.SLIPWAY_PACKAGES, settings.SLIPWAY_BUILDS]
    if str(database["ENGINE"]).endswith("sqlite3"):
        kept.append(Path(str(database["NAME"])).parent)
    for folder in dict.fromkeys(Path(each) for each in kept):
        if folder.is_dir():
            yield folder
