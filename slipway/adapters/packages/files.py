"""Files that are there whole or not at all: written aside, synced, renamed."""

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from slipway.core.release.archive import MIB
from slipway.ports import StoreFull

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def part_in(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file of our own to write to; gone at the end unless it was published.

    It is locked as long as we live, so that `sweep` tells a dead process's part from a slow one's.
    """
    opened, path = _locked_part(folder)
    with opened:
        try:
            yield opened, path
        finally:
            path.unlink(missing_ok=True)


def _locked_part(folder: Path) -> tuple[BinaryIO, Path]:
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="part-")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:  # else a sweep came before the lock
            return os.fdopen(descriptor, "w+b"), Path(name)
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove the parts that died with their process."""
    for path in folder.glob("part-*"):
        with suppress(OSError), path.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def publish(part: BinaryIO, path: Path, place: Path) -> None:
    """Give the part its final name; it survives a power cut from here on."""
    part.flush()
    os.fchmod(part.fileno(), 0o400)
    os.utime(part.fileno())  # when it was written may be long ago: now is when it counts
    os.fsync(part.fileno())
    path.replace(place)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(place: Path, values: Mapping[str, object], *, parts: Path) -> None:
    with part_in(parts) as (part, path):
        part.write(json.dumps(values, ensure_ascii=False, indent=1).encode())
        publish(part, path, place)


def read_json(place: Path) -> dict[str, object] | None:
    """None where there is none that can be read: all of it can be made again."""
    try:
        values = json.loads(place.read_bytes())
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """One thread of one process at a time; freed by the kernel when the process dies."""
    with place.open("ab") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield


def touched_at(paths: Iterable[Path]) -> datetime | None:
    """Return when the newest of the files was published; None where there is none."""
    times: list[float] = []
    for path in paths:
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return datetime.fromtimestamp(max(times), UTC) if times else None


def removed(path: Path) -> int:
    """Remove a file, where there is one; return the bytes freed."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def free_bytes(folder: Path, *, reserve: int) -> int:
    return max(0, shutil.disk_usage(folder).free - reserve)


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Turn the kernel's "no space left" into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise store_full(folder) from error
        raise


def store_full(folder: Path) -> StoreFull:
    return StoreFull(
        "The package store has no room left ({free} MiB free).",
        hint="Free space in {folder} or remove versions that are no longer needed, then upload"
        " again. Nothing of this package was kept.",
        free=shutil.disk_usage(folder).free // MIB,
        folder=str(folder),
    )
