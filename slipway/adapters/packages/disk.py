"""Keeps packages in a folder of this machine, each under the sha256 of its bytes."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from slipway.adapters.folder_lock import folder_locked
from slipway.adapters.packages import files
from slipway.adapters.packages.inspection import inspect, too_large
from slipway.adapters.packages.portable import needs_repacking, repack, repacked_filename
from slipway.core.release.archive import GIB, MEMBERS, MIB
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.words.sentence import Sentence
from slipway.ports import PackageDamaged

_PIECE = 1024 * 1024
_ASK_FOR_ROOM_EVERY = MIB

_ENDINGS = ("", ".json", ".damaged", ".lock")

_Identity = tuple[int, int, int, int, int]


class DiskPackages:
    """`folder/ab/abcdef…` holds the bytes, `abcdef….json` beside it what is known of them.

    A package is there as soon as its file is: it is written elsewhere in the folder, inspected,
    synced and renamed. Safe for many threads and processes on one file system.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limit_bytes: int = 4 * GIB,
        unpacked_limit_bytes: int = 4 * GIB,
        members: int = MEMBERS,
        reserve_bytes: int = 64 * MIB,
    ) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._unpacked_limit = unpacked_limit_bytes
        self._members = members
        self._reserve = reserve_bytes
        self._seen_whole: dict[Path, _Identity] = {}
        self._parts = folder / "incoming"
        self._repacked = folder / "portable"
        for part in (folder, self._parts, self._repacked):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.sweep(self._parts)

    def ingest(self, source: Iterator[bytes] | BinaryIO, *, filename: str) -> StoredPackage:
        """See ports.Packages. Memory stays constant, whatever the package's size."""
        with files.told_when_full(self._folder), files.part_in(self._parts) as (part, path):
            sha256, size = self._write(source, part)
            found = inspect(
                path,
                filename=filename,
                unpacked_limit=self._unpacked_limit,
                members=self._members,
            )
            ref = PackageRef(sha256, size, found.format, filename, found.unpacked_size)
            place = self._place(sha256)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            with folder_locked(place.parent):
                self._describe(place, ref, spec_text=found.spec_text)
                # Also over a package that is there: its bytes are the same, or were damaged since.
                files.publish(part, path, place)
        where = str(place.relative_to(self._folder))
        return StoredPackage(ref, where, found.spec_text, found.contents)

    def verified(self, ref: PackageRef) -> Path:
        """See ports.Packages. A damaged file is put aside, so that it is never sent."""
        place = self._place(ref.sha256)
        self._check(place, ref)
        return place

    def portable(self, ref: PackageRef, *, tools: tuple[str, ...]) -> tuple[PackageRef, Path]:
        """See ports.Packages. Made by one thread of one process, kept until `remove`."""
        source = self.verified(ref)
        if not needs_repacking(ref.format, tools):
            return ref, source
        place = self._repacked / f"{ref.sha256}.tar.gz"
        with files.told_when_full(self._folder), files.locked(_beside(place, ".lock")):
            known = self._known_portable(ref, place)
            return known or self._repack(ref, source, place), place

    def open(self, ref: PackageRef) -> Iterator[bytes]:
        """See ports.Packages. Raises PackageDamaged now, not at the first piece."""
        opened = self.verified(ref).open("rb")

        def pieces() -> Iterator[bytes]:
            with opened:
                yield from iter(lambda: opened.read(_PIECE), b"")

        return pieces()

    def remove(self, sha256: str, *, unless_touched_after: datetime | None = None) -> int:
        """See ports.Packages: with it go what was made of it and what was put aside."""
        place = self._place(sha256)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with folder_locked(place.parent):
            touched = files.touched_at(self._files_of(sha256))
            if unless_touched_after and touched and touched > unless_touched_after:
                return 0
            return self._remove_all(sha256)

    def list_untouched(self, since: datetime) -> Iterator[str]:
        """See ports.Packages."""
        names = {path.name[:64] for path in self._folder.glob("[0-9a-f][0-9a-f]/*")}
        names |= {path.name[:64] for path in self._repacked.iterdir()}
        for sha256 in sorted(filter(_is_sha256, names)):
            touched = files.touched_at(self._files_of(sha256))
            if touched is None or touched <= since:
                yield sha256

    def free_bytes(self) -> int:
        return files.free_bytes(self._folder, reserve=self._reserve)

    def _files_of(self, sha256: str) -> list[Path]:
        places = (self._place(sha256), self._repacked / f"{sha256}.tar.gz")
        return [_beside(place, ending) for place in places for ending in _ENDINGS]

    def _remove_all(self, sha256: str) -> int:
        for place in (self._place(sha256), self._repacked / f"{sha256}.tar.gz"):
            self._seen_whole.pop(place, None)
        return sum(files.removed(path) for path in self._files_of(sha256))

    def _place(self, sha256: str) -> Path:
        if not _is_sha256(sha256):
            raise ValueError(f"not a sha256 in hexadecimal digits: {sha256!r}")
        return self._folder / sha256[:2] / sha256

    def _write(self, source: Iterator[bytes] | BinaryIO, part: BinaryIO) -> tuple[str, int]:
        digest, size, room_asked_at = hashlib.sha256(), 0, -_ASK_FOR_ROOM_EVERY
        for piece in _pieces(source):
            if size - room_asked_at >= _ASK_FOR_ROOM_EVERY:
                room_asked_at = size
                if not self.free_bytes():
                    raise files.store_full(self._folder)
            size += len(piece)
            if size > self._limit:
                raise too_large(self._limit)
            digest.update(piece)
            part.write(piece)
        part.flush()
        return digest.hexdigest(), size

    def _describe(self, place: Path, ref: PackageRef, **more: object) -> None:
        files.write_json(_beside(place, ".json"), asdict(ref) | more, parts=self._parts)

    def _check(self, place: Path, ref: PackageRef) -> None:
        try:
            opened = place.open("rb")
        except FileNotFoundError:
            raise _damaged(ref, "is missing from the store") from None
        with opened:
            identity = _identity(os.fstat(opened.fileno()))
            if self._seen_whole.get(place) == identity:
                return
            if _sha256(opened) == ref.sha256:
                self._seen_whole[place] = identity
                return
        place.replace(_beside(place, ".damaged"))
        raise _damaged(ref, "was changed in the store, and has been put aside (.damaged)")

    def _known_portable(self, ref: PackageRef, place: Path) -> PackageRef | None:
        described = files.read_json(_beside(place, ".json"))
        if described is None:
            return None
        known = _portable_ref(ref, str(described.get("sha256")), int(str(described.get("size", 0))))
        try:
            self._check(place, known)
        except PackageDamaged:  # of a package that is whole: it can be made again
            return None
        return known

    def _repack(self, ref: PackageRef, source: Path, place: Path) -> PackageRef:
        with files.part_in(self._parts) as (part, path):
            repack(source, ref.format, part)
            part.seek(0)
            made = _portable_ref(ref, _sha256(part), part.tell())
            self._describe(place, made, of=ref.sha256)
            files.publish(part, path, place)
        return made


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _portable_ref(ref: PackageRef, sha256: str, size: int) -> PackageRef:
    name = repacked_filename(ref.filename)
    return PackageRef(sha256, size, PackageFormat.TAR_GZ, name, ref.unpacked_size)


def _pieces(source: Iterator[bytes] | BinaryIO) -> Iterator[bytes]:
    if isinstance(source, Iterator) and not hasattr(source, "read"):
        return source
    return iter(lambda: source.read(_PIECE), b"")


def _sha256(opened: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := opened.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _identity(stat: os.stat_result) -> _Identity:
    """Changes whenever the bytes may have changed."""
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _beside(place: Path, ending: str) -> Path:
    return place.with_name(place.name + ending)


def _damaged(ref: PackageRef, what: str) -> PackageDamaged:
    return PackageDamaged(
        "The package {filename} (sha256 {sha256}…) {what}.",
        hint="Upload the same file again: the same bytes heal it. Or restore the package folder"
        " from its backup. No host was touched.",
        filename=ref.filename,
        sha256=ref.sha256[:12],
        what=Sentence.of("damaged", what),
    )
